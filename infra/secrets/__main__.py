"""`python -m infra.secrets --out secrets/`: make what is missing; what exists is kept unless it is to be renewed."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from infra.secrets.authority import names_of
from infra.secrets.folder import SecretsError, opened, settle, write
from infra.secrets.items import GIVEN, Hosts, Item, Making, items, mode, named

_SOON = timedelta(days=30)


def prepare(folder: Path, hosts: Hosts, renew: frozenset[str], now: datetime) -> Iterator[str]:
    """Make what is missing or to be renewed (items or files by name); a line for each item. Raises SecretsError."""
    known = items(hosts)
    again = {named(known)[name].name for name in renew}
    if "ca" in again:
        again |= {item.name for item in known if item.certificate}
    making = Making(opened(folder), now)
    for item in known:
        if item.name not in again and _is_kept(folder, item, making):
            for name in item.files:
                settle(folder / name, mode(name))
            yield f"kept {', '.join(item.files)}{_doubts(folder, item, now)}"
            continue
        for name, content in item.make(making).items():
            write(folder / name, content, mode(name))
        yield f"{'renewed' if item.name in again else 'made'} {', '.join(item.files)}"
    settle(folder / GIVEN, mode(GIVEN))


def _is_kept(folder: Path, item: Item, making: Making) -> bool:
    """Whether an item is there; SecretsError where half of it is."""
    missing = [name for name in item.files if not (folder / name).exists()]
    if missing and len(missing) < len(item.files) and missing != ["ca.key"]:  # the authority's key is kept elsewhere
        message = f"{folder / missing[0]} is missing: bring it back, or --renew {item.name}"
        raise SecretsError(message)
    if missing == list(item.files) or not item.derived:
        return missing != list(item.files)
    return all((folder / name).read_bytes() == content for name, content in item.make(making).items())


def _doubts(folder: Path, item: Item, now: datetime) -> str:
    """What is wrong with a certificate that is kept: it ends soon, or some other name is wanted now."""
    if item.certificate is None:
        return ""
    found = x509.load_pem_x509_certificate((folder / item.certificate).read_bytes())
    left = found.not_valid_after_utc - now
    lacking = set(item.names) - names_of(found) if item.names else set()
    doubts = [f"it lacks {', '.join(sorted(lacking))}"] if lacking else []
    doubts += [f"it ends in {left.days} days"] if left < _SOON else []
    return f" – but {' and '.join(doubts)}: --renew {item.name}" if doubts else ""


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.secrets", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("secrets"), help="the folder (default: secrets)")
    for host, what in (("b", "Kafka"), ("c", "the database and the page")):
        helps = f"name or address under which others reach {what}; may be repeated"
        parser.add_argument(f"--host-{host}", action="append", default=[], metavar="NAME", help=helps)
    renewable = sorted(named(items(Hosts())))
    parser.add_argument(
        "--renew", action="append", default=[], metavar="NAME", choices=renewable, help=f"one of {', '.join(renewable)}"
    )
    return parser.parse_args(argv)


def main(argv: Sequence[str]) -> int:
    given = arguments(argv)
    hosts = Hosts(tuple(given.host_b), tuple(given.host_c))
    try:
        for line in prepare(given.out, hosts, frozenset(given.renew), datetime.now(UTC)):
            sys.stdout.write(f"{line}\n")
    except SecretsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
