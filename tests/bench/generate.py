"""A large invented data folder, the same for the same seed: ``generate.py --units N --out DIR``.

It has the shape of a national graph: clusters of units in layers, where most units lean on
something nearby and upstream, a few on a national hub, and some on each other; k-of-n redundancy,
buffers, ownership groups in many countries, supplies, contracts and stocks; ``subjects.py`` adds
the rest that saved queries ask for. About 20 triples per unit once it is staged.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterable
from pathlib import Path

from subjects import LIKELIHOODS, THREATS, add_subjects
from tables import SOURCES, SUFFIX, Tables, key, source

SECTORS = (
    "energie", "telecom", "spoor", "drinkwater", "water", "financieel", "oov", "gezondheid",
    "overheid", "chemie", "defensie", "wegvervoer",
)  # fmt: skip
HUB_SECTORS = SECTORS[:2]
COUNTRIES = (
    "NL", "DE", "BE", "FR", "GB", "US", "LU", "SE", "DK", "NO", "FI", "IE", "AT", "CH", "ES",
    "IT", "PL", "CZ", "PT", "JP", "CN", "KR", "TW", "CA", "IN", "TR", "SG", "RU", "HK", "IL",
    "AE", "BR", "MX", "AU", "NZ", "ZA", "TH", "MY", "VN", "ID", "PH", "SA", "QA", "KZ", "UA",
    "RO", "HU", "BG", "GR", "HR", "SI", "SK", "EE", "LV", "LT", "CY", "MT", "IS", "EG", "IR",
)  # fmt: skip
#: Names of those that the reference data may not know; what it knows is left to it.
COUNTRY_NAMES = {
    "AE": ("ARE", "Verenigde Arabische Emiraten"), "AU": ("AUS", "Australië"),
    "BR": ("BRA", "Brazilië"), "EG": ("EGY", "Egypte"), "HK": ("HKG", "Hongkong"),
    "ID": ("IDN", "Indonesië"), "IL": ("ISR", "Israël"), "IN": ("IND", "India"),
    "KZ": ("KAZ", "Kazachstan"), "MX": ("MEX", "Mexico"), "MY": ("MYS", "Maleisië"),
    "NZ": ("NZL", "Nieuw-Zeeland"), "PH": ("PHL", "Filipijnen"), "QA": ("QAT", "Qatar"),
    "SA": ("SAU", "Saoedi-Arabië"), "TH": ("THA", "Thailand"), "TW": ("TWN", "Taiwan"),
    "VN": ("VNM", "Vietnam"), "ZA": ("ZAF", "Zuid-Afrika"),
}  # fmt: skip
REFERENCE = Path(__file__).resolve().parents[2] / "data" / "reference"
KINDS = ("physical", "physical", "physical", "cyber", "cyber", "logical", "geographic")
BUFFERS = ("PT0H", "PT0H", "PT0H", "PT15M", "PT30M", "PT1H", "PT2H", "PT4H", "PT8H", "P1D", "P3D")
LAGS = ("PT15M", "PT30M", "PT1H", "PT2H", "PT4H", "PT12H", "P1D")
SUBSTITUTIONS = ("P7D", "P30D", "P90D", "P365D")
STOCKS = ("waterStock", "oilStock", "gasStock", "fuelStock", "spareParts")
BASES = ("designValue", "observed", "operatorStatement", "assumption")
#: What an organisation is to the acts, by its number modulo 20; most are nothing.
STATUSES = {
    1: "EssentialEntity", 4: "ImportantEntity", 8: "CriticalEntity", 13: "VitalProvider",
    17: "VifoVitalProvider",
}  # fmt: skip
PRODUCT_KINDS = ("hardware", "software", "serviceProduct", "material", "energyProduct")

#: Units of one region; a failure that meets no hub stays inside.
CLUSTER = 1_000
#: One hub per this many units; every region leans on some.
UNITS_PER_HUB = 5_000


def sources(tables: Tables) -> None:
    tables.columns["Source"] = (
        "id", "title", "publisher", "date", "url", "grade", "marking", "verification",
    )  # fmt: skip
    tables.rows["Source"] = [
        (source(i), f"Bron {i} {SUFFIX}", f"Oefenredactie {SUFFIX}", f"2026-{1 + i % 11:02d}-15",
         "", "ABC"[i % 3], "openbaar", "textRead")
        for i in range(SOURCES)
    ]  # fmt: skip


def countries(tables: Tables) -> None:
    """The countries of our sixty that the reference data lacks, so that nothing dangles."""
    with (REFERENCE / "Country.csv").open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    rows = tables.table("Country", "isoAlpha2 isoAlpha3")
    for code in sorted(set(COUNTRIES) - known):
        three, name = COUNTRY_NAMES[code]
        rows.append((code, name, code, three, source(0)))


def organisations(tables: Tables, everywhere: int = 0) -> int:
    """Organisations in groups of at most twelve: a holding on top, chains below it.

    ``everywhere``: the first so many have their seat in as many countries, one each.
    """
    pick = tables.random
    count = max(8, tables.units // 20)
    rows = tables.table("Organisation", "seat kvkNumber type")
    shares = tables.table("Ownership", "owner owned share control validFrom")
    top = 0
    for i in range(count):
        if i - top >= 12 or (i > top and pick.random() < 0.15):
            top = i
        home = pick.random() < (0.35 if i == top else 0.75)
        # Squared: a few countries often, sixty in all.
        seat = "NL" if home else COUNTRIES[int(pick.random() ** 2 * len(COUNTRIES))]
        if i < everywhere:
            seat = COUNTRIES[i]
        number = f"{i + 1:08d}" if seat == "NL" else ""
        # Now and then one that was typed twice: its name in capitals.
        name = f"ORGANISATIE {i - 1}" if i % 400 == 399 else f"Organisatie {i}"
        rows.append(
            (key("org", i), f"{name} {SUFFIX}", seat, number, STATUSES.get(i % 20, ""), source(i))
        )
        if i == top:
            continue
        owner = pick.randrange(top, i)
        share = round(pick.choice((1.0, 0.8, 0.51, 0.5, 0.3, 0.1)), 2)
        shares.append(
            (key("own", i), f"Belang {i} {SUFFIX}", key("org", owner), key("org", i), share,
             "true" if share <= 0.5 and pick.random() < 0.1 else "",
             f"20{pick.randrange(10, 26)}-01-01", source(i))
        )  # fmt: skip
    return count


def products(tables: Tables, organisations_count: int) -> int:
    pick = tables.random
    count = max(5, tables.units // 100)
    rows = tables.table("Product", "productKind manufacturer containsComponent")
    for i in range(count):
        maker = key("org", pick.randrange(organisations_count)) if pick.random() < 0.7 else ""
        # Components are older products: no product contains itself.
        part = key("prod", pick.randrange(i)) if i and pick.random() < 0.3 else ""
        rows.append(
            (key("prod", i), f"Product {i} {SUFFIX}", PRODUCT_KINDS[i % len(PRODUCT_KINDS)],
             maker, part, source(i))
        )  # fmt: skip
    return count


def class_of(i: int, hubs: int) -> str:
    """What the unit with this number is: hubs first, then one vital process per 200 units."""
    if i <= hubs:
        return "Asset"
    if i % 200 == 199:
        return "VitalProcess"
    if i % 200 == 99:
        return "Process"
    if i % 20 == 7:
        return "Supply"
    if i % 200 == 57:
        return "StrategicStock"
    return "Service" if i % 4 == 2 else "Asset"


def units(tables: Tables, organisations_count: int, products_count: int) -> None:
    """The units themselves: sector by region, operator for three in ten."""
    pick = tables.random
    plain = "inSector operatedBy restartLag locatedAt usesProduct inCore"
    rows = {name: tables.table(name, plain) for name in ("VitalProcess", "Process", "Service")}
    rows["Asset"] = tables.table("Asset", plain)
    supplies = tables.table("Supply", "inSector suppliedBy ofProduct marketShare")
    stocks = tables.table(
        "StrategicStock",
        "inSector heldBy stockedProduct stockCategory daysOfCover coversRequirement",
    )
    hubs = hub_count(tables.units)
    places = place_count(tables.units)
    for i in range(tables.units):
        name = class_of(i, hubs)
        home = SECTORS[(i // CLUSTER + i // 7) % len(SECTORS)]
        sector = HUB_SECTORS[i % 2] if i < hubs else home
        label = f"{name} {i} {SUFFIX}"
        if name == "Supply":
            supplies.append(
                (key("u", i), label, sector, key("org", pick.randrange(organisations_count)),
                 key("prod", i // 20 % products_count), round(pick.uniform(0.05, 0.2), 2),
                 source(i))
            )  # fmt: skip
        elif name == "StrategicStock":
            stocks.append(
                (key("u", i), label, sector, key("org", pick.randrange(organisations_count)),
                 key("prod", pick.randrange(products_count)), pick.choice(STOCKS),
                 pick.randrange(3, 90),
                 key("req", i - 1), source(i))
            )  # fmt: skip
        else:
            chance = pick.random()
            rows[name].append(
                (key("u", i), label, sector,
                 key("org", pick.randrange(organisations_count)) if chance < 0.3 else "",
                 pick.choice(LAGS) if chance < 0.8 else "",
                 key("place", pick.randrange(places)) if chance < 0.1 else "",
                 key("prod", pick.randrange(products_count)) if 0.3 < chance < 0.4 else "",
                 "true" if 0.3 < chance < 0.32 else "", source(i))
            )  # fmt: skip


def hub_count(count: int) -> int:
    return max(2, count // UNITS_PER_HUB)


def place_count(count: int) -> int:
    return max(4, count // 1_000)


def needs(i: int, hubs: int, count: int, pick: random.Random) -> list[int]:
    """One to three units that unit ``i`` leans on: mostly nearby and upstream."""
    start = max(hubs, i - i % CLUSTER)
    found: list[int] = []
    for _ in range(pick.choice((1, 1, 2, 2, 3, 3))):
        chance = pick.random()
        if chance < 0.004 or i <= start:
            other = pick.randrange(hubs)
        elif chance < 0.02 and i + 1 < count:
            # A loop: something that comes later, close by.
            other = min(count - 1, i + pick.randrange(1, 30))
        elif chance < 0.9:
            # The layer just above: what fails there is felt here.
            other = max(start, i - 1 - int(pick.random() ** 2 * 12))
        else:
            # Towards the start of the region: there are its stations and its core.
            other = start + int(pick.random() ** 2 * (i - start))
        if other != i and other not in found:
            found.append(other)
    return sorted(found) or [pick.randrange(hubs)]


def requirements(tables: Tables) -> None:
    """One requirement per unit that is not itself a hub; stocks and supplies lean on nothing."""
    pick = tables.random
    rows = tables.table(
        "Requirement",
        "requiredBy fulfilledBy minimumFulfilled buffer bufferBasis effect purpose dependencyKind "
        "substitutionTime",
    )
    hubs = hub_count(tables.units)
    for i in range(hubs, tables.units):
        leans = needs(i, hubs, tables.units, pick)
        owner, supplied = i, class_of(i, hubs) in ("Supply", "StrategicStock")
        # A supply or stock has no needs of its own: its row speaks for the unit before it.
        if supplied:
            owner, leans = i - 1, [i]
        chance = pick.random()
        at_least = len(leans) if chance < 0.75 else pick.randint(1, len(leans))
        rows.append(
            (key("req", i), f"Eis {i} {SUFFIX}", key("u", owner),
             ";".join(key("u", other) for other in leans), at_least,
             pick.choice(BUFFERS) if chance < 0.9 else "",
             BASES[i % len(BASES)] if chance < 0.9 else "",
             "degrades" if chance > 0.88 else "fails",
             "restart" if 0.4 < chance < 0.43 else "operation", pick.choice(KINDS),
             pick.choice(SUBSTITUTIONS) if supplied or chance < 0.3 else "", source(i))
        )  # fmt: skip


def around(tables: Tables, organisations_count: int, products_count: int) -> None:
    """Places, contracts and exposures."""
    pick = tables.random
    count = tables.units

    def unit() -> str:
        return key("u", pick.randrange(count))

    places = tables.table("Place", "asWKT")
    for i in range(place_count(count)):
        # Far out at sea, where nothing real stands.
        point = f"POINT ({3 + (i % 97) / 100:.2f} {53.5 + (i % 89) / 100:.2f})"
        places.append((key("place", i), f"Plaats {i} {SUFFIX}", point, source(i)))
    contracts = tables.table(
        "Contract", "contractingParty contractSupplier contractSubject contractValue validFrom "
        "validUntil",
    )  # fmt: skip
    for i in range(count // 50):
        # Two different organisations: nobody has a contract with itself.
        party, supplier = pick.sample(range(organisations_count), 2)
        contracts.append(
            (key("con", i), f"Contract {i} {SUFFIX}", key("org", party), key("org", supplier),
             key("prod", pick.randrange(products_count)), pick.randrange(1, 500) * 10_000,
             f"20{pick.randrange(15, 26)}-01-01", f"20{pick.randrange(26, 35)}-12-31", source(i))
        )  # fmt: skip
    exposures = tables.table("ThreatExposure", "exposureOf exposureTo likelihood")
    for i in range(count // 50):
        exposures.append(
            (key("exp", i), f"Blootstelling {i} {SUFFIX}", unit(), pick.choice(THREATS),
             pick.choice(LIKELIHOODS), source(i))
        )  # fmt: skip


def tables_of(count: int, seed: int, everywhere: int = 0) -> Tables:
    """All rows of a set of ``count`` units; ``everywhere`` as in :func:`organisations`.

    Raises:
        ValueError: fewer than 100 units, too few for every kind of thing; more countries than
            there are.
    """
    if not 0 <= everywhere <= len(COUNTRIES):
        raise ValueError(f"there are {len(COUNTRIES)} countries")
    if count < 100:
        raise ValueError("a generated set has at least 100 units")
    tables = Tables(seed, count)
    sources(tables)
    countries(tables)
    organisations_count = organisations(tables, everywhere)
    products_count = products(tables, organisations_count)
    units(tables, organisations_count, products_count)
    requirements(tables)
    around(tables, organisations_count, products_count)
    add_subjects(tables, hub_count(count), place_count(count))
    return tables


def write(tables: Tables, out: Path) -> list[Path]:
    """One CSV per class: UTF-8, LF, sorted by id."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, rows in sorted(tables.rows.items()):
        path = out / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(tables.columns[name])
            writer.writerows(sorted(rows, key=lambda row: str(row[0])))
        written.append(path)
    return written


def main(arguments: Iterable[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--countries", type=int, default=0, help="with an organisation each")
    options = parser.parse_args(None if arguments is None else list(arguments))
    if options.units < 100:
        parser.error("--units: at least 100")
    if not 0 <= options.countries <= len(COUNTRIES):
        parser.error(f"--countries: at most {len(COUNTRIES)}")
    write(tables_of(options.units, options.seed, options.countries), options.out)


if __name__ == "__main__":
    main()
