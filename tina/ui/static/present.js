/* ?mode=present: for a projector. Space stops and goes on, the arrows choose, and it goes round by itself. */
(function () {
  "use strict";
  const settings = new URLSearchParams(location.search);
  if (settings.get("mode") !== "present") return;
  document.documentElement.classList.add("present");
  const EVERY = 14000;
  let at = 0, timer = null;
  const prompts = () => [...document.querySelectorAll(".examples [data-classes]")].map((one) => one.dataset.classes);

  function show(step) {
    const all = prompts();
    if (!all.length || !TinaPage.choose) return;
    at = (at + step + all.length) % all.length;
    TinaPage.choose(all[at]);
  }

  function play(on) {
    clearInterval(timer);
    timer = on ? setInterval(() => show(1), EVERY) : null;
    document.documentElement.dataset.playing = String(on);
  }

  document.addEventListener("keydown", (event) => {
    if (event.target.matches("input, textarea, select")) return;
    if (event.key === " ") play(!timer);
    else if (event.key === "ArrowRight") show(1);
    else if (event.key === "ArrowLeft") show(-1);
    else return;
    event.preventDefault();
  });
  play(!settings.has("classes"));
})();
