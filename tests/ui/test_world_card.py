"""What stands beside the classifier: the world's card with its stored table."""

from __future__ import annotations

from tina.ui.panes import world_card
from tina.ui.server.loaded_checkpoint import LoadedCheckpoint


def test_the_worlds_card_shows_every_class(checkpoint: LoadedCheckpoint, tmp_path) -> None:
    html = world_card.page(checkpoint, tmp_path)
    assert html.count("<article") == len(checkpoint.world.names)
    assert "Stored results" not in html
    (tmp_path / "table.json").write_text('{"rows": []}')
    assert "nothing in this table is computed now" in world_card.page(checkpoint, tmp_path)


def test_a_stored_table_is_shown_with_its_titles_and_its_command() -> None:
    row = {"method": "tina", "split": "ood", "accuracy": 0.8, "interval": [0.79, 0.81], "tasks": 200}
    rows = [row | {"method": "slice", "accuracy": 0.7}, row]
    html = world_card.results({"rows": rows})
    assert "80.0% ± 1.0" in html
    assert "†" not in html
    assert html.index(">slice<") < html.index(">tina<")
    titles = {"methods": {"tina": "<b>Tina</b>", "ridge": "not measured"}, "splits": {"ood": "New class sets"}}
    html = world_card.results({"rows": rows, "titles": titles, "command": "python -m tina table"})
    assert "&lt;b&gt;Tina" in html
    assert ">slice<" not in html
    assert "New class sets" in html
    assert "not measured" not in html
    assert "<code>python -m tina table</code>" in html
    assert "† measured with an earlier version" in world_card.results({"rows": [row | {"beside": "0123"}]})
