"""Why a prediction missed: which requirement did or did not run out, and what the model lacks."""

from __future__ import annotations

from kg.cascade import Event
from kg.cascade.backtest.blind import BlindNeeds
from kg.cascade.backtest.predict import Need, Prediction, need_of
from kg.language import in_dutch
from kg.sources.incidents import Observation, Text


def explain_miss(prediction: Prediction, seen: Observation, blind: BlindNeeds | None) -> Text:
    """A few sentences about one miss, in both languages.

    ``blind``: what the library made of the incident, when that is what was predicted with.
    """
    event = prediction.first(seen.entity)
    if event is None:
        return _stayed_up(prediction, seen, blind)
    return _went_too_far(prediction, seen, event, blind)


def _stayed_up(prediction: Prediction, seen: Observation, blind: BlindNeeds | None) -> Text:
    """It failed or worked less well, and was predicted to survive."""
    own = prediction.needs.own.get(seen.entity, ())
    if not own and blind is not None:
        return _not_in_library(seen.entity, blind)
    if not own:
        return Text(
            "Er staat geen afhankelijkheid bij deze eenheid, dus niets in het model kan haar laten "
            "uitvallen. Wat ontbreekt: waar zij op leunt.",
            "No dependency is recorded for this entity, so nothing in the model can bring it down. "
            "What is missing: what it leans on.",
        )
    parts = [_not_run_out(prediction, need) for need in own]
    if blind is not None and seen.entity in blind.left_out:
        parts.append(_left_out(seen.entity, blind))
    if seen.outcome == "degraded":
        parts.append(
            Text(
                "Wat ontbreekt: overbelasting, een uitwijk die minder kan of gedeeltelijke uitval; "
                "die berekent het model niet.",
                "What is missing: overload, a fallback that does less, or failure in part; the "
                "model does not compute these.",
            )
        )
    else:
        parts.append(
            Text(
                "Wat ontbreekt: waardoor wat overbleef hier niet hielp, of een eis die niet is "
                "opgetekend.",
                "What is missing: why what was left did not help here, or a requirement that was "
                "not recorded.",
            )
        )
    return _joined(parts)


def _not_in_library(entity: str, blind: BlindNeeds) -> Text:
    """Why the library gives an entity nothing to lean on."""
    if not blind.archetypes[entity]:
        return Text(
            "De bibliotheek heeft geen archetype voor deze soort.",
            "The library has no archetype for this kind.",
        )
    if entity in blind.left_out:
        return _left_out(entity, blind)
    return Text(
        "De bibliotheek kent voor deze soort geen eis aan iets dat in dit voorval voorkomt.",
        "The library knows no requirement of this kind on anything that is in this incident.",
    )


def _left_out(entity: str, blind: BlindNeeds) -> Text:
    names = ", ".join(blind.left_out[entity])
    return Text(
        f"Eisen van de bibliotheek die alleen op dit voorval rusten tellen niet mee ({names}).",
        f"Requirements of the library that rest only on this incident are left out ({names}).",
    )


def _not_run_out(prediction: Prediction, need: Need) -> Text:
    """Why one requirement did not take its unit along."""
    absent = [one for one in need.suppliers if prediction.outcome(one) == "failed"]
    left = [one for one in need.suppliers if one not in absent]
    n, k = len(need.suppliers), need.minimum
    if len(absent) <= n - k:
        names = _names(prediction, left)
        if not absent:
            return Text(
                f"Zij leunt op {names.nl}, en dat viel in het model niet uit.",
                f"It leans on {names.en}, and that did not fail in the model.",
            )
        gone = _names(prediction, absent)
        return Text(
            f"Van {n} leverancier(s) is {k} genoeg; {gone.nl} viel weg, {names.nl} bleef.",
            f"{k} of {n} supplier(s) is enough; {gone.en} was lost, {names.en} stayed.",
        )
    gone = _names(prediction, absent)
    return Text(
        f"{gone.nl} viel weg, maar de buffer van {in_dutch(need.buffer or 0)} uur was niet op toen "
        "het terugkwam of de berekening eindigde.",
        f"{gone.en} was lost, but the buffer of {need.buffer or 0:g} hours had not run out when "
        "it returned or the computation ended.",
    )


def _went_too_far(
    prediction: Prediction, seen: Observation, event: Event, blind: BlindNeeds | None
) -> Text:
    """It was predicted to be worse off than it was, or otherwise than it was."""
    if event.because.requirement is None:
        return Text(
            "Volgens het voorval is zij van buiten getroffen, en dat telt als uitval.",
            "The incident says that it was struck from outside, which counts as a failure.",
        )
    network = prediction.result.network
    need = need_of(prediction.needs, network.requirements[event.because.requirement])
    lost = _names(prediction, [prediction.entity_of[unit] for unit in event.because.lost])
    unknown = need.buffer is None
    nl = f"Na {in_dutch(event.hours)} uur was de eis aan {lost.nl} op; " + (
        "de buffer is onbekend en telt als 0. "
        if unknown
        else f"de buffer is {in_dutch(need.buffer)} uur. "
    )
    en = f"After {event.hours:g} hours the requirement on {lost.en} ran out; " + (
        "the buffer is unknown and counts as 0. "
        if unknown
        else f"the buffer is {need.buffer:g} hours. "
    )
    if seen.outcome == "failed":
        return Text(
            nl + "Die eis vermindert alleen. Wat ontbreekt: een eis waardoor zij uitvalt.",
            en + "That requirement only limits. What is missing: one that makes it fail.",
        )
    if seen.outcome == "degraded":
        enough = ", of hoeveel van de leveranciers genoeg is" if need.k_unknown else ""
        enough_en = ", or how many of the suppliers are enough" if need.k_unknown else ""
        return Text(
            nl + f"Wat ontbreekt: dat dit verlies haar alleen vermindert (effect){enough}.",
            en + f"What is missing: that this loss only limits it (effect){enough_en}.",
        )
    if blind is not None:
        return Text(
            nl + "Wat ontbreekt: wie haar werkelijk bedient; dat zeggen de soorten niet.",
            en + "What is missing: what really serves it; the kinds do not say.",
        )
    missing_nl = "welk deel van de leveranciers nog werkte" if need.k_unknown else "haar reserve"
    missing_en = "which part of the suppliers still worked" if need.k_unknown else "its reserve"
    return Text(
        nl + f"Wat ontbreekt: {missing_nl}{', of haar buffer' if unknown else ''}.",
        en + f"What is missing: {missing_en}{', or its buffer' if unknown else ''}.",
    )


def _names(prediction: Prediction, entities: list[str]) -> Text:
    reserves = prediction.needs.reserves
    found = [
        reserves[one] if one in reserves else prediction.incident.entity[one].name
        for one in entities
    ]
    return Text(
        " en ".join(name.nl or name.en for name in found),
        " and ".join(name.en or name.nl for name in found),
    )


def _joined(parts: list[Text]) -> Text:
    unique = list(dict.fromkeys(parts))
    return Text(" ".join(one.nl for one in unique), " ".join(one.en for one in unique))
