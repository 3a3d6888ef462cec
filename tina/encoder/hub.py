"""An open_clip encoder's weights on the Hugging Face Hub: how large they are, and fetching them, their hash checked.

download_size("ViT-B-32/laion2b_s34b_b79k")     # bytes; 0 where they are here
fetch_weights("ViT-B-32/laion2b_s34b_b79k", progress=print)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from huggingface_hub import hf_hub_download, try_to_load_from_cache
from tqdm.auto import tqdm

from tina import compat
from tina.encoder.loading import EMBEDDED
from tina.encoder.packaged import PACKAGES
from tina.errors import UserError

SHA256 = 64  # hexadecimal digits: in the hub's cache a large file is named after its hash


def on_hub(encoder_id: str) -> tuple[str, list[str]] | None:
    """The repository of an encoder's weights, and the files that they may be in; None where they are elsewhere."""
    if encoder_id in PACKAGES or encoder_id == EMBEDDED or encoder_id.startswith("local-dir:"):
        return None
    compat.prepare()
    import open_clip
    from open_clip.pretrained import HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME

    name, _, weights = encoder_id.partition("/")
    place = encoder_id.removeprefix("hf-hub:") + "/"
    if not encoder_id.startswith("hf-hub:"):
        place = (open_clip.get_pretrained_cfg(name, weights) or {}).get("hf_hub", "")
    repository, _, file = place.rpartition("/")
    return (repository, [file] if file else [HF_SAFE_WEIGHTS_NAME, HF_WEIGHTS_NAME]) if repository else None


def is_here(encoder_id: str) -> bool:
    """Whether nothing has to be fetched: in the hub's own cache, in a folder, or with a package."""
    place = on_hub(encoder_id)
    if place is None:
        return encoder_id in PACKAGES or encoder_id == EMBEDDED or encoder_id.startswith("local-dir:")
    return any(isinstance(try_to_load_from_cache(place[0], file), str) for file in place[1])


def download_size(encoder_id: str) -> int | None:
    """Bytes that have to be fetched before an encoder can be used: 0 for one that is here, None if the hub does not
    say."""
    if is_here(encoder_id):
        return 0
    place = on_hub(encoder_id)
    found = place and _look(*place)
    return found[1] if found else None


def fetch_weights(encoder_id: str, progress: Callable[[int, int], None]) -> None:
    """Bring an encoder's weights into the hub's cache, where open_clip finds them; nothing for one that is here already
    or has no weights on the hub.

    Args:
        encoder_id: architecture/weights of open_clip's table, or hf-hub:OWNER/NAME.
        progress: is told how many bytes are here, and of how many.

    Raises a UserError where the hub cannot be reached or what arrived is not what the hub has.
    """
    place = on_hub(encoder_id)
    if place is None or is_here(encoder_id):
        return
    found = _look(*place)
    if not found:
        raise UserError(f"The encoder {encoder_id!r} cannot be fetched from the hub (is this machine online?).")
    file, size = found

    class Bar(tqdm):  # type: ignore[misc]
        def update(self, n: float | None = 1) -> bool | None:
            shown: bool | None = super().update(n)
            progress(int(self.n), size)
            return shown

    try:
        path = Path(hf_hub_download(place[0], file, tqdm_class=Bar))
    except OSError as error:
        raise UserError(f"The encoder {encoder_id!r} could not be fetched whole from the hub: try again.") from error
    blob = path.resolve()
    if len(blob.name) == SHA256 and _sha256(blob) != blob.name:
        blob.unlink()
        path.unlink()
        raise UserError(f"The encoder {encoder_id!r} arrived damaged and was thrown away: try again.")


def _look(repository: str, files: list[str]) -> tuple[str, int] | None:
    """The first of the files that there is, and its bytes; None where the hub does not say."""
    for file in files:
        try:
            return file, hf_hub_download(repository, file, dry_run=True).file_size or 0
        except (OSError, ValueError):  # no such file or repository, or no way to the hub
            continue
    return None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
    return digest.hexdigest()
