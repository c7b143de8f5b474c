"""Front-end files of others, made fit to be served from here."""

import pytest

from trustwide.config.commands import CommandError
from trustwide.config.commands import assets_command as assets

CSS = (
    "@font-face{font-family:F;src:url(https://fonts.example.test/f.woff2)}"
    "body{font-family:F,arial;background:url(/assets/images/a.svg)}\n/*# sourceMappingURL=x.css.map */\n"
)


@pytest.fixture
def node_modules(tmp_path):
    source = tmp_path / "node_modules" / assets.DIST
    (source / "assets/images").mkdir(parents=True)
    (source / "assets/images/a.svg").write_text("<svg/>")
    (source / assets.STYLES).write_text(CSS)
    (source / assets.SCRIPT).write_text("export const a = 1;//# sourceMappingURL=x.js.map")
    for font in assets.FONTS:
        file = tmp_path / "node_modules" / assets.OPEN_SANS / font
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("a font")
    return tmp_path / "node_modules"


def test_no_outside_host_no_missing_file(node_modules, tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "vega_bundle", lambda: "window.vega = 1")
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "old.js").write_text("left from before")
    assets.build(node_modules, vendor)
    styles = (vendor / "nhsuk" / assets.STYLES).read_text()
    assert "http" not in styles
    assert "url(images/a.svg)" in styles
    assert "arial" in styles
    assert (vendor / "nhsuk/images/a.svg").exists()
    assert "sourceMappingURL" not in styles + (vendor / "nhsuk" / assets.SCRIPT).read_text()
    assert not (vendor / "old.js").exists()
    assert (vendor / "vega.js").read_text() == "window.vega = 1"
    assert {path.name for path in (vendor / "fonts").iterdir()} >= {"OpenSans_400Regular.ttf", "LICENSE_FONT"}


def test_says_which_file_is_missing(node_modules, tmp_path):
    (node_modules / assets.OPEN_SANS / "LICENSE_FONT").unlink()
    with pytest.raises(CommandError, match="LICENSE_FONT is not there"):
        assets.build(node_modules, tmp_path / "vendor")


def test_says_what_to_run_first(tmp_path):
    with pytest.raises(CommandError, match="Run `npm ci`"):
        assets.build(tmp_path, tmp_path / "vendor")
