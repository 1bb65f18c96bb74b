"""What saved queries ask for beside units and what they need: one function per subject.

The numbers are in proportion to the units, and small beside them: some two triples in a hundred.
"""

from __future__ import annotations

import random
from collections import defaultdict
from itertools import pairwise

from tables import SUFFIX, Tables, key, source

THREATS = (
    "sabotage-fysiek", "sabotage-digitaal", "spionage", "cyberaanval", "cybercrime", "klimaat",
    "overstroming", "uitval-technisch", "interne-dreiging", "strategische-afhankelijkheid", "ddos",
    "hitte-droogte",
)  # fmt: skip
LIKELIHOODS = ("veryUnlikely", "unlikely", "possible", "likely", "veryLikely")
MEASURE_STATUSES = ("proposed", "decided", "inProgress", "completed")
INDICATORS = (
    "chainResilience", "crisisManagement", "digitalResilience", "economicResilience",
    "physicalResilience",
)  # fmt: skip
#: Countries that the reference data name as having an offensive cyber programme.
NAMED = frozenset({"CN", "IR", "RU"})


class Subjects:
    """Draws from what the tables hold already, with random numbers of its own."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.pick = random.Random(tables.seed + 1)
        self.processes = [str(row[0]) for row in tables.rows["VitalProcess"]]
        self.organisations = [str(row[0]) for row in tables.rows["Organisation"]]
        #: Those that must report incidents under an act.
        self.entities = [
            str(row[0]) for row in tables.rows["Organisation"] if str(row[4]).endswith("Entity")
        ]
        self._next_requirement = tables.units

    def some(self, per: int, least: int = 2) -> range:
        """Numbers for one thing per so many units."""
        return range(max(least, self.tables.units // per))

    def unit(self) -> str:
        return key("u", self.pick.randrange(self.tables.units))

    def organisation(self) -> str:
        return self.pick.choice(self.organisations)

    def day(self, first: int, last: int) -> str:
        """A day in one of these years."""
        year = self.pick.randrange(first, last + 1)
        return f"{year}-{self.pick.randrange(1, 13):02d}-{self.pick.randrange(1, 29):02d}"

    def need(
        self, unit: str, fulfillers: str, minimum: int, buffer: str, substitution: str = ""
    ) -> None:
        """One more requirement, numbered after those that each unit has."""
        number = self._next_requirement
        self._next_requirement += 1
        self.tables.rows["Requirement"].append(
            (key("req", number), f"Eis {number} {SUFFIX}", unit, fulfillers, minimum, buffer,
             "designValue", "fails", "operation", "physical", substitution, source(number))
        )  # fmt: skip


def add_subjects(tables: Tables, hubs: int, places: int) -> None:
    """Everything below, always in this order."""
    subjects = Subjects(tables)
    suppliers(subjects)
    cycle(subjects)
    measures(subjects)
    mobility(subjects, hubs, places)
    crossings(subjects)
    incidents(subjects)
    oversight(subjects)
    crisis(subjects)
    contradictions(subjects)
    trade(subjects)
    scenarios(subjects)


def suppliers(subjects: Subjects) -> None:
    """Reserves that one supplier delivers, and what a few countries hold in their hands."""
    rows, pick = subjects.tables.rows, subjects.pick
    seats = {str(row[0]): str(row[2]) for row in rows["Organisation"]}
    of_supplier: dict[str, list[str]] = defaultdict(list)
    for row in rows["Supply"]:
        of_supplier[str(row[3])].append(str(row[0]))
    # Suppliers from abroad first; every other need is one of the railway.
    abroad = sorted(of_supplier, key=lambda who: (seats[who] == "NL", who))
    both = [pair for who in abroad for pair in pairwise(of_supplier[who])]
    services = [str(row[0]) for row in rows["Service"]]
    rail = [str(row[0]) for row in rows["Service"] if row[2] == "spoor"]
    for number, pair in zip(subjects.some(500, 4), both, strict=False):
        subjects.need(pick.choice(rail if number % 2 else services), ";".join(pair), 1, "PT4H")
    named = [one for who, found in of_supplier.items() if seats[who] in NAMED for one in found]
    for number in subjects.some(5_000) if named else ():
        process = subjects.processes[number * 5 % len(subjects.processes)]
        subjects.need(process, pick.choice(named), 1, "P2D", "P365D")
    # Interests that give influence and no control.
    owners = [who for who, seat in seats.items() if seat == "CN"]
    owned = [who for who, seat in seats.items() if seat == "NL"]
    stakes = rows["Ownership"]
    for number in subjects.some(5_000) if owners else ():
        stakes.append(
            (key("own", len(seats) + number), f"Belang {len(seats) + number} {SUFFIX}",
             pick.choice(owners), pick.choice(owned), 0.3, "", "2020-01-01", source(number))
        )  # fmt: skip
    # Joint ventures: two tops, each with half of a third that nobody else owns.
    tops = [who for who in seats if who not in {row[3] for row in stakes}]
    count = len(seats) + len(stakes)
    for number in subjects.some(5_000) if len(tops) > 2 else ():
        for place in (1, 2):
            owner, owned = tops[(number + place) % len(tops)], tops[number % len(tops)]
            stakes.append(
                (key("own", count), f"Belang {count} {SUFFIX}", owner, owned, 0.5, "",
                 "2020-01-01", source(number))
            )  # fmt: skip
            count += 1


def trade(subjects: Subjects) -> None:
    """Imports and exports of a few products."""
    products = [str(row[0]) for row in subjects.tables.rows["Product"]]
    columns = "tradedProduct fromCountry toCountry tradeValue tradeYear"
    rows = subjects.tables.table("TradeFlow", columns)
    flows = (("CN", "NL"), ("JP", "NL"), ("DE", "NL"), ("NL", "BE"), ("CN", "DE"))
    for number in subjects.some(1_000, 4):
        for origin, destination in flows:
            name = f"{number}-{origin}-{destination}"
            rows.append(
                (f"trade-{name}", f"Handel {name} {SUFFIX}",
                 products[number % len(products)], origin, destination,
                 f"{subjects.pick.randrange(1, 10_000_000)}.0", 2025, source(number))
            )  # fmt: skip


def cycle(subjects: Subjects) -> None:
    """The cycle of every vital process: assessed, half of them analysed, some scanned again."""
    tables, pick = subjects.tables, subjects.pick
    cycles = tables.table("VitalityCycle", "forProcess cyclePeriod startedOn responsible")
    columns = "forProcess inCycle startedOn completedOn dueOn conductedBy"
    assessments = tables.table("CriticalityAssessment", f"{columns} assessmentOutcome")
    analyses = tables.table("ResilienceAnalysis", columns)
    scans = tables.table("QuickScan", f"{columns} checksAnalysis analysisStillHolds")
    programmes = tables.table("ActionProgramme", columns)
    scores = tables.table("IndicatorScore", "scoreOf indicator score")
    for i, process in enumerate(subjects.processes):
        who, started = subjects.organisation(), subjects.day(2019, 2022)
        cycles.append(
            (key("cy", i), f"Cyclus {i} {SUFFIX}", process, "P4Y", started, who, source(i))
        )
        in_cycle = (process, key("cy", i))
        assessments.append(
            (key("vb", i), f"Vitaalbeoordeling {i} {SUFFIX}", *in_cycle, started,
             subjects.day(2023, 2025), "", who, "assessedVital", source(i))
        )  # fmt: skip
        if i % 2:
            continue
        analyses.append(
            (key("wa", i), f"Weerbaarheidsanalyse {i} {SUFFIX}", *in_cycle, "",
             subjects.day(2024, 2025), subjects.day(2027, 2029), who, source(i))
        )  # fmt: skip
        # Of every second analysis two scores are still missing.
        for indicator in INDICATORS if i % 4 else INDICATORS[:3]:
            number = len(scores)
            scores.append(
                (key("sc", number), f"Score {number} {SUFFIX}", key("wa", i), indicator,
                 pick.randrange(1, 6), source(i))
            )  # fmt: skip
        if i % 4 == 0:
            scans.append(
                (key("qs", i), f"Quickscan {i} {SUFFIX}", *in_cycle, "", subjects.day(2025, 2025),
                 subjects.day(2026, 2027), who, key("wa", i), "true", source(i))
            )  # fmt: skip
            programmes.append(
                (key("ap", i), f"Actieprogramma {i} {SUFFIX}", *in_cycle, "", "",
                 subjects.day(2026, 2027), who, source(i))
            )  # fmt: skip


def measures(subjects: Subjects) -> None:
    """Measures in programmes; one in three says what it changes in the network."""
    tables, pick = subjects.tables, subjects.pick
    programmes = [str(row[0]) for row in tables.rows["ActionProgramme"]]
    requirements = [str(row[0]) for row in tables.rows["Requirement"]]
    rows = tables.table(
        "Measure",
        "mitigates concernsUnit measureStatus investment maintenanceShare responsible inProgramme "
        "addsFulfiller changesRequirement newBuffer newRestartLag removesRequirement",
    )
    for i in subjects.some(100):
        kind, one = i % 12, pick.choice(requirements)
        rows.append(
            (key("mea", i), f"Maatregel {i} {SUFFIX}", pick.choice(THREATS), subjects.unit(),
             pick.choice(MEASURE_STATUSES), pick.randrange(1, 900) * 1_000, "0.2",
             subjects.organisation(), pick.choice(programmes) if i % 3 else "",
             subjects.unit() if kind == 0 else "", one if kind in (0, 1) else "",
             "PT12H" if kind == 1 else "", "PT1H" if kind == 2 else "",
             one if kind == 3 else "", source(i))
        )  # fmt: skip


def mobility(subjects: Subjects, hubs: int, places: int) -> None:
    """Corridors of three routes over twelve segments, what is narrow, and what has to pass."""
    tables, pick = subjects.tables, subjects.pick
    corridors = tables.table("Corridor", "corridorMember")
    routes = tables.table("Route", "routeOf hasSegment")
    segments = tables.table("Segment", "inSector operatedBy restartLag locatedAt")
    gauges = tables.table("LoadingGaugeRestriction", "onSegment maximumWidth")
    transports = tables.table("MilitaryTransport", "usesRoute transportWidth noticeTime")
    rules = tables.table("PriorityRule", "governs beneficiary priorityRank ruleStatus")
    scarce = tables.table("ScarceResource", "allocatedBy scarceFor resourceKind")
    for i in subjects.some(10_000):
        corridors.append((key("cor", i), f"Corridor {i} {SUFFIX}", "NL;DE", source(i)))
        mine = [key("seg", 12 * i + number) for number in range(12)]
        for number, segment in enumerate(mine):
            own = 12 * i + number
            segments.append(
                (segment, f"Baanvak {own} {SUFFIX}", "spoor", subjects.organisation(), "PT2H",
                 key("place", pick.randrange(places)), source(own))
            )  # fmt: skip
            near = key("u", pick.randrange(hubs)) if number % 3 == 0 else subjects.unit()
            subjects.need(segment, near, 1, "PT0H")
            if number % 2:
                gauges.append(
                    (key("pvr", own), f"Smal profiel {own} {SUFFIX}", segment,
                     pick.choice(("3.15", "3.30", "3.60")), source(own))
                )  # fmt: skip
        for number in range(3):
            own = 3 * i + number
            # The third has no narrow place: it is the way round.
            taken = mine[::2] if number == 2 else mine[number : number + 8]
            routes.append(
                (key("rte", own), f"Route {own} {SUFFIX}", key("cor", i), ";".join(taken),
                 source(own))
            )  # fmt: skip
            for width in ("3.20", "3.45"):
                transports.append(
                    (key("mt", len(transports)), f"Transport {len(transports)} {SUFFIX}",
                     key("rte", own), width, "PT72H", source(own))
                )  # fmt: skip
    for i in subjects.some(5_000):
        scarce.append(
            (key("sch", i), f"Schaars middel {i} {SUFFIX}", subjects.organisation(),
             subjects.unit(), "productResource", source(i))
        )  # fmt: skip
        for rank in (1, 2, 3):
            rules.append(
                (key("prio", 3 * i + rank), f"Voorrang {3 * i + rank} {SUFFIX}", key("sch", i),
                 subjects.unit(), rank, "ruleInForce", source(i))
            )  # fmt: skip


def crossings(subjects: Subjects) -> None:
    """Level crossings with two managers, and what happened on them."""
    tables = subjects.tables
    rows = tables.table(
        "LevelCrossing",
        "inSector infrastructureManager roadAuthority publiclyAccessible crossingProtection",
    )
    occurrences = tables.table(
        "RailOccurrence", "affectedUnit incidentOf occurredAt significant atCrossing occurrenceKind"
    )
    for i in subjects.some(500):
        rows.append(
            (key("ow", i), f"Overweg {i} {SUFFIX}", "spoor", subjects.organisation(),
             subjects.organisation() if i % 5 else "", "true" if i % 2 else "false",
             "activeProtection" if i % 3 else "noActiveProtection", source(i))
        )  # fmt: skip
        if i % 2:
            occurrences.append(
                (key("vv", i), f"Voorval {i} {SUFFIX}", key("ow", i), subjects.organisation(),
                 f"{subjects.day(2024, 2025)}T08:00:00+01:00", "false", key("ow", i),
                 "railIncident", source(i))
            )  # fmt: skip


def incidents(subjects: Subjects) -> None:
    """Incidents of entities that must report; one notification in four is late, some are missing.

    Every fifth is on a segment, and not over yet.
    """
    tables, pick = subjects.tables, subjects.pick
    rows = tables.table(
        "Incident", "affectedUnit causedBy incidentOf occurredAt awareAt endedAt significant"
    )
    sent = tables.table(
        "Notification", "ofIncident submittedTo fulfilsDuty notificationStage submittedAt"
    )
    segments = [str(row[0]) for row in tables.rows["Segment"]]

    def send(incident: str, duty: str, stage: str, moment: str) -> None:
        number = len(sent)
        sent.append(
            (key("not", number), f"Melding {number} {SUFFIX}", incident, subjects.organisation(),
             duty, stage, moment, source(number))
        )  # fmt: skip

    for i in subjects.some(250):
        incident, day = key("inc", i), 1 + i % 20
        on_segment = i % 5 == 0
        rows.append(
            (incident, f"Incident {i} {SUFFIX}",
             pick.choice(segments) if on_segment else subjects.unit(), pick.choice(THREATS),
             pick.choice(subjects.entities), f"2026-09-{day:02d}T06:00:00+02:00",
             f"2026-09-{day:02d}T07:00:00+02:00",
             "" if on_segment else f"2026-09-{day + 1:02d}T07:00:00+02:00",
             "true" if i % 3 else "", source(i))
        )  # fmt: skip
        if i % 6 == 0:
            continue  # not reported at all
        hour = "05" if i % 4 else "11"  # the time limit ends at seven
        send(incident, "CBW-MELD-24", "earlyWarning", f"2026-09-{day + 1:02d}T{hour}:00:00+02:00")
        send(
            incident, "CBW-MELD-72", "incidentNotification",
            f"2026-09-{day + 3:02d}T{hour}:00:00+02:00",
        )  # fmt: skip


def oversight(subjects: Subjects) -> None:
    """Inspections with what followed, and recommendations that are still open."""
    tables = subjects.tables
    inspections = tables.table("Inspection", "inspects inspectedBy heldOn")
    enforced = tables.table(
        "EnforcementMeasure",
        "imposedBy imposedOn followsInspection penaltyAmount enforcementKind appealLodged",
    )
    advised = tables.table("Recommendation", "recommends issuedByBody followUpStatus")
    for i in subjects.some(1_000):
        who, whom = subjects.organisation(), subjects.organisation()
        inspections.append(
            (key("ins", i), f"Inspectie {i} {SUFFIX}", whom, who, subjects.day(2024, 2025),
             source(i))
        )  # fmt: skip
        enforced.append(
            (key("hh", i), f"Last {i} {SUFFIX}", who, whom, key("ins", i), 10_000 * (1 + i % 9),
             "orderUnderPenalty", "true" if i % 4 == 0 else "false", source(i))
        )  # fmt: skip
        advised.append(
            (key("aanb", i), f"Aanbeveling {i} {SUFFIX}", whom, who,
             "followedUp" if i % 5 == 0 else "ongoing", source(i))
        )  # fmt: skip


def crisis(subjects: Subjects) -> None:
    """A plan for one vital process in three, exercised and planned again."""
    tables = subjects.tables
    plans = tables.table("CrisisPlan", "coversProcess responsible planScope")
    exercises = tables.table("CrisisExercise", "exercisesPlan plannedOn heldOn")
    for i, process in enumerate(subjects.processes[::3]):
        plans.append(
            (key("plan", i), f"Crisisplan {i} {SUFFIX}", process, subjects.organisation(),
             "organisationScope", source(i))
        )  # fmt: skip
        held = subjects.day(2023, 2025)
        exercises.append(
            (key("oef", 2 * i), f"Oefening {2 * i} {SUFFIX}", key("plan", i), held, held, source(i))
        )
        exercises.append(
            (key("oef", 2 * i + 1), f"Oefening {2 * i + 1} {SUFFIX}", key("plan", i),
             subjects.day(2027, 2027), "", source(i))
        )  # fmt: skip


def contradictions(subjects: Subjects) -> None:
    """Two observations of one buffer that contradict each other."""
    tables, pick = subjects.tables, subjects.pick
    requirements = [str(row[0]) for row in tables.rows["Requirement"]]
    rows = tables.table(
        "BufferObservation", "observationOf observedBuffer observedBasis conflictsWith"
    )
    for i in subjects.some(1_000):
        about = pick.choice(requirements)
        one, other = key("wn", 2 * i), key("wn", 2 * i + 1)
        rows.append(
            (one, f"Waarneming {2 * i} {SUFFIX}", about, "PT2H", "observed", other, source(2 * i))
        )
        rows.append(
            (other, f"Waarneming {2 * i + 1} {SUFFIX}", about, "PT6H", "operatorStatement", "",
             source(2 * i + 1))
        )  # fmt: skip


def scenarios(subjects: Subjects) -> None:
    """Standing scenarios: two units struck within a day, one of them for good in one of three."""
    tables, pick = subjects.tables, subjects.pick
    rows = tables.table("Scenario", "hasOutage horizon")
    outages = tables.table("Outage", "outageOf startsAfter endsAfter cause")
    for i in subjects.some(2_000):
        both = key("uit", 2 * i), key("uit", 2 * i + 1)
        for number, outage in enumerate(both):
            ends = "" if number and i % 3 == 0 else f"PT{pick.randrange(30, 60)}H"
            outages.append(
                (outage, f"Uitval {2 * i + number} {SUFFIX}", subjects.unit(),
                 f"PT{pick.randrange(24)}H", ends, pick.choice(THREATS), source(i))
            )  # fmt: skip
        rows.append((key("scen", i), f"Scenario {i} {SUFFIX}", ";".join(both), "P7D", source(i)))
