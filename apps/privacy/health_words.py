"""Which words tell of somebody's health, in English and Spanish. Pure.

A text is treated as health information where one of them stands in it, also where it is denied ("no diabetes"): that
somebody has been asked about a disease is as telling as the answer.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

#: Stems: a word counts that begins with one. Written without accents, in lower case.
STEMS = """
    diabet insulin metformin cancer tumor tumour oncolog chemo quimio leukemi leucemi asthma asma arthrit artrit epilep
    migrain migran hypertens hipertens cholesterol colesterol pregnan embaraz fertil infertil miscarr abort depress
    depresi bipolar schizo esquizo autis dement demenc alzheimer parkinson psoria eczema surger surgic cirug biops
    fractur symptom sintoma diagnos medicat medicac medicament prescri allerg alerg infect infecc hepatit kidney
    dialys dialis thyroid tiroid addict adicc overdos sobredos suicid therap terapia bleed sangr swell hinchaz
    disease enfermed illness
    disabilit discapacid mammogra mamogra ansied
"""
#: Whole words, where a stem would say too much.
WORDS = """
    hiv aids vih sida copd epoc adhd tdah ptsd std mri pain pains ache aches dolor dolores duele rash fever fiebre cough
    hurts hurt injured injury lesion rehab detox infarto headache headaches anxiety obese obesity obesidad stroke receta
    chronic cronico cronica
"""
PHRASES = ("x ray", "ct scan", "heart attack", "blood pressure", "presion arterial", "weight loss surgery")


def _folded(text: str) -> str:
    bare = "".join(mark for mark in unicodedata.normalize("NFKD", text) if not unicodedata.combining(mark))
    return " ".join(re.findall(r"[a-z0-9]+", bare.casefold()))


@cache
def _pattern() -> re.Pattern[str]:
    stems, phrases = "|".join(STEMS.split()), "|".join((*PHRASES, *WORDS.split()))
    return re.compile(rf"\b(?:(?:{stems})[a-z0-9]*|(?:{phrases}))\b")


def tells_of_health(text: str) -> bool:
    """Say whether a free text holds a word of health (row PH-13); upper case and accents make no difference."""
    return bool(text) and _pattern().search(_folded(text)) is not None


def begins_with(text: str, stems: Iterable[str]) -> bool:
    """Say whether a word of a text begins with one of these stems; upper case and accents make no difference."""
    folded = [_folded(each) for each in stems]
    wanted = tuple(each for each in folded if each)
    return bool(text and wanted) and any(f" {each}" in f" {_folded(text)}" for each in wanted)
