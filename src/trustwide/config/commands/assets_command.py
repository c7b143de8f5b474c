"""`trustwide assets`: put the front-end files that others made where the site serves them from."""

from __future__ import annotations

import argparse
import re
import shutil
from pathlib import Path

from trustwide.config.commands import CommandError

VENDOR = Path(__file__).parents[2] / "commons" / "nhsuk" / "static" / "vendor"
DIST = Path("nhsuk-frontend/dist/nhsuk")
STYLES, SCRIPT = "nhsuk-frontend.min.css", "nhsuk-frontend.min.js"
OPEN_SANS = Path("@expo-google-fonts/open-sans")  # under the SIL Open Font Licence
FONTS = ("400Regular/OpenSans_400Regular.ttf", "400Regular_Italic/OpenSans_400Regular_Italic.ttf",
         "700Bold/OpenSans_700Bold.ttf", "LICENSE_FONT")  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--node-modules", type=Path, default=Path("node_modules"), help="the folder `npm ci` filled (default: here)"
    )


def run(options: argparse.Namespace) -> int:
    build(options.node_modules, VENDOR)
    print(f"Front-end files are in {VENDOR}")
    return 0


def build(node_modules: Path, vendor: Path) -> None:
    """Copy the NHS.UK styles, script and pictures and the fonts of papers, and bundle Vega.

    An unfinished folder is never left behind.
    """
    source = node_modules / DIST
    for needed in (source / STYLES, *(node_modules / OPEN_SANS / font for font in FONTS)):
        if not needed.exists():
            raise CommandError(
                f"{needed} is not there. Run `npm ci` in the repository first, or name the folder it filled "
                "with --node-modules."
            )
    draft = vendor.with_name("vendor.new")
    shutil.rmtree(draft, ignore_errors=True)
    nhsuk = draft / "nhsuk"
    shutil.copytree(source / "assets", nhsuk)
    (nhsuk / STYLES).write_text(own_styles((source / STYLES).read_text(encoding="utf-8")), encoding="utf-8")
    (nhsuk / SCRIPT).write_text(_without_source_map((source / SCRIPT).read_text(encoding="utf-8")), encoding="utf-8")
    (draft / "fonts").mkdir()
    for font in FONTS:
        shutil.copy(node_modules / OPEN_SANS / font, draft / "fonts")
    (draft / "vega.js").write_text(vega_bundle(), encoding="utf-8")
    shutil.rmtree(vendor, ignore_errors=True)
    draft.rename(vendor)


def own_styles(css: str) -> str:
    """The NHS.UK styles without fonts of an outside host (licensed for nhs.uk only), pictures found beside the file."""
    css = re.sub(r"@font-face\s*\{[^}]*https?://[^}]*\}", "", css)
    return _without_source_map(css.replace("url(/assets/", "url("))


def vega_bundle() -> str:
    """Vega, Vega-Lite and Vega-Embed in one file, made without a network."""
    import vl_convert

    return vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")


def _without_source_map(text: str) -> str:
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", text)
    return re.sub(r"//# sourceMappingURL=\S*", "", text)
