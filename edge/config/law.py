"""The law that forbids this sensor in European classrooms, as a check made before anything starts."""

from __future__ import annotations

from dataclasses import dataclass

from edge.errors import Problem

__all__ = ["REGION_UNSET", "Verdict", "refuse_prohibited_use", "verdict_of"]

REGION_UNSET = (
    "site.region is not set, so the law of this place was not checked. In the EU and EEA inferring emotions in "
    "education is prohibited (AI Act, Article 5(1)(f)). Set site.region."
)

# fmt: off
_EU_AND_EEA = {
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    "IS", "LI", "NO",
    # Regions with a code of their own where the Union's law applies, and its other names for itself and Greece.
    "AX", "GF", "GP", "MF", "MQ", "RE", "YT", "EU", "EL",
}
# fmt: on


@dataclass(frozen=True, slots=True)
class Verdict:
    starts: bool
    words: str


def verdict_of(region: str | None, purpose: str) -> Verdict:
    """What Article 5(1)(f) of the EU AI Act means for this use. `region` is an ISO 3166 code."""
    if region is None:
        return Verdict(starts=True, words=REGION_UNSET)
    if region.partition("-")[0] not in _EU_AND_EEA:
        return Verdict(starts=True, words=f"{region} is outside the EU and EEA: Article 5(1)(f) does not apply there.")
    if purpose in ("medical", "safety"):
        words = (
            f"{region} is in the EU or EEA, where Article 5(1)(f) applies. The sensor starts because site.purpose says "
            f"{purpose}: whether that is so, the program cannot know."
        )
        return Verdict(starts=True, words=words)
    return Verdict(starts=False, words=f"{region} is in the EU or EEA: Article 5(1)(f) prohibits this use.")


def refuse_prohibited_use(region: str | None, purpose: str) -> None:
    """Raise `Problem` where the Article prohibits this use."""
    if not verdict_of(region, purpose).starts:
        raise Problem(
            f"The sensor does not start: site.region is {region}. The EU AI Act, Article 5(1)(f), prohibits inferring "
            "emotions in education since 2 February 2025, except for medical or safety reasons. That only aggregates "
            "leave the room does not change it, because the inference is made on each face. "
            'Where such a reason applies, and counsel agrees, set site.purpose to "medical" or "safety".'
        )
