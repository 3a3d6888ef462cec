"""Looks: one accent colour, light and dark, readable from a phone to a projector."""

CSS = """
#tina { max-width: min(1600px, 100%); margin: 0 auto; }
#tina h1 { font-size: clamp(1.8rem, 4vw, 2.8rem); margin: 0.4em 0 0; }
#tina .lead { font-size: 1.15rem; margin: 0.2em 0 1em; }
#tina .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); gap: 14px; }
#tina .card { border: 1px solid var(--border-color-primary); border-radius: 12px; padding: 12px 14px; }
#tina .card h3 { margin: 0 0 6px; font-size: 1.05rem; }
#tina .card meter { width: 100%; height: 8px; margin-bottom: 6px; }
#tina .tiles { display: grid; grid-template-columns: repeat(6, minmax(0, 56px)); gap: 5px; }
#tina .tiles img { width: 100%; height: auto; border-radius: 6px; image-rendering: pixelated; margin: 0; }
#tina .unseen { font-size: 0.75rem; font-weight: 500; color: #c2410c; margin-left: 6px; }
.dark #tina .unseen { color: #fdba74; }
"""
