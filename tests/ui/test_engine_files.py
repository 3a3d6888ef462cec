"""What a browser fetches to answer by itself: programs and a tower, kept for good, and nothing of a visitor in them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from tina.blueprints.tower import Backbone
from tina.classifier.tower_bytes import ALIGN, pack_tower
from tina.classifier.webpage import as_rows
from tina.prompts.parsing import parse
from tina.ui import theme
from tina.ui.panes import try_it
from tina.ui.server import engine_files, tower_checkpoint
from tina.ui.server.engine_files import EngineFiles, TowerFile, desk_programs, programs, school_programs
from tina.ui.server.registry import CheckpointRegistry
from tina.ui.server.tower_checkpoint import TowerCheckpoint
from tina.ui.state import SamplingOptions

LARGEST = 8_000_000  # bytes of a tower


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def registry(cache: None) -> CheckpointRegistry:
    return CheckpointRegistry("everyday")


@pytest.fixture(scope="module")
def tower(registry: CheckpointRegistry) -> TowerFile:
    found = registry.get().tower_file
    assert found is not None
    return found


@pytest.fixture(scope="module")
def client(registry: CheckpointRegistry) -> TestClient:
    rest = Route("/{path:path}", lambda request: PlainTextResponse("the app"))
    return TestClient(Starlette(routes=[rest], middleware=[Middleware(EngineFiles, find=registry.tower_file)]))


@pytest.mark.parametrize("takes", ["br, gzip", "identity"])
@pytest.mark.parametrize("ours", [programs, desk_programs, school_programs])
def test_the_programs_are_fetched_from_where_the_page_says(client: TestClient, takes: str, ours) -> None:
    address, text = ours()
    later = f'TinaPage.later("{programs()[0]}", "{desk_programs()[0]}", "{school_programs()[0]}");'
    assert later in theme.head()
    assert "TinaPage.cardBody =" not in theme.head()
    assert "TinaPage.pick =" not in theme.head()
    assert "TinaEngine" not in theme.head()
    assert "TinaLesson" not in theme.head()
    answer = client.get(f"/{address}", headers={"accept-encoding": takes})
    assert answer.content == text
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers.get("content-encoding") == ("br" if "br" in takes else None)
    assert "javascript" in answer.headers["content-type"]


def test_a_tower_is_what_is_in_an_exported_file_and_is_kept_by_whoever_has_it(
    client: TestClient, tower: TowerFile
) -> None:
    answer = client.get(f"/{tower.address}")
    file = answer.content
    assert len(file) <= LARGEST
    assert tower.size == pytest.approx(len(file), rel=0.03)  # what the page says before it is packed
    length = int.from_bytes(file[:4], "little")
    description, content = pack_tower(tower.blueprint, 8)
    assert json.loads(file[4 : 4 + length]) == description
    assert file[-(-(4 + length) // ALIGN) * ALIGN :] == content
    assert "immutable" in answer.headers["cache-control"]
    again = client.get(f"/{tower.address}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(f"/{tower.address}", headers={"if-none-match": '"another"'}).content == file


def test_it_is_packed_once_and_found_where_it_was_before(tower: TowerFile, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tower.content()
    monkeypatch.delattr(engine_files, "pack_tower")
    again = TowerFile(tower.blueprint)
    assert (again.address, again.tag) == (tower.address, tower.tag)
    assert again.content() == content


@pytest.mark.parametrize(
    "path", ["/", "/engine/", "/engine/other.js", "/engine/0123456789abcdef-8.bin", "/engine/../x"]
)
def test_all_else_is_left_to_the_app(client: TestClient, path: str) -> None:
    assert client.get(path).text == "the app"


def test_rows_come_with_the_generation_and_where_no_browser_can_the_server_is_asked(
    registry: CheckpointRegistry, tower: TowerFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = registry.get()
    *_, generation = checkpoint.generate(parse("cup, spoon"), SamplingOptions(steps=1))
    model = try_it.model(checkpoint, generation)
    assert model["tower"] == {"address": tower.address, "bytes": tower.size, "middle": 0.875}
    assert as_rows(checkpoint.classifier(generation)).items() <= model.items()
    assert len(json.dumps(model)) < 20_000
    monkeypatch.setattr(tower_checkpoint, "on_layers", lambda blueprint: False)
    other = TowerCheckpoint(checkpoint.tina)
    assert other.tower_file is None
    assert try_it.model(other, generation)["where"] == "server"


def test_other_features_are_another_file(tower: TowerFile) -> None:
    blueprint, features = copy.copy(tower.blueprint), copy.deepcopy(tower.blueprint.backbone.get_submodule("features"))
    features.get_buffer("power").mul_(1.5)
    blueprint.backbone = Backbone(tower.blueprint.backbone.get_submodule("tower"), features)
    assert TowerFile(blueprint).address != tower.address
