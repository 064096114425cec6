"""The catalogues: parts in, one compiled catalogue per language out, no gettext tools needed."""

import os
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = ("zh_Hans",)


def parts(locale_dir: Path, locale: str) -> list[Path]:
    """Return the source catalogues of a language."""
    return sorted((locale_dir / "parts" / locale).glob("*.po"))


def compiled(locale_dir: Path, locale: str) -> Path:
    """Return the path of the compiled catalogue that Django reads."""
    return locale_dir / locale / "LC_MESSAGES" / "django.mo"


def merged(locale_dir: Path, locale: str) -> Catalog:
    """Return all parts of a language as one catalogue; the first entry of a message wins."""
    whole = Catalog(locale=locale)
    for path in parts(locale_dir, locale):
        with path.open("rb") as handle:
            for message in read_po(handle, locale=locale):
                if message.id and whole.get(message.id, message.context) is None:
                    whole[message.id] = message
    return whole


def compile_catalogues(locale_dir: Path) -> list[Path]:
    """Compile the languages whose parts are newer than their catalogue; return what was made."""
    made = []
    for locale in LOCALES:
        target, sources = compiled(locale_dir, locale), parts(locale_dir, locale)
        newest = max([path.stat().st_mtime for path in sources], default=0.0)
        # The folder's own time tells of a part that was taken away.
        newest = max(newest, (locale_dir / "parts" / locale).stat().st_mtime)
        if target.exists() and target.stat().st_mtime >= newest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as handle:
            write_mo(handle, merged(locale_dir, locale))
        draft.replace(target)
        made.append(target)
    return made
