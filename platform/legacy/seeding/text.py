"""Words, names and moments to build plausible content from, drawn from factory-boy's seeded random source.

Faker is not used: its word lists change between versions, and the same seed has to give the same content everywhere.
"""

from datetime import UTC, datetime, timedelta

from factory.random import randgen

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
YEAR = 365 * 24 * 3600

FIRST_NAMES = [
    "Ada", "Amélie", "Anaïs", "Björn", "Chidi", "Dvořák", "Elena", "Fatima", "Grace", "Håkon", "İpek", "Jürgen",
    "Katarzyna", "Linh", "Mateo", "Noor", "Ольга", "Priya", "Quentin", "Rosa", "Søren", "Tomáš", "Uma", "Victor",
    "Wei", "Ximena", "Yusuf", "Zoë", "李", "さくら", "محمد", "D'Arcy", "",
]
LAST_NAMES = [
    "Andersson", "Björk", "Çelik", "da Silva", "Eze", "Fernández", "García Márquez", "Hernández", "Ivanova", "Jóhannsdóttir",
    "Kowalski", "Łukaszewicz", "Müller", "Nguyễn", "O'Neill", "Петрова", "Quispe", "Rossi", "Škoda", "Takahashi", "Ünal",
    "van der Berg", "Wang", "Xu", "Yılmaz", "Żak", "王", "田中", "الخطيب", "Smith-Jones", "",
]
SUBJECTS = [
    "Linear algebra", "Théorie des graphes", "Größenordnungen schätzen", "Введение в физику", "日本語入門", "Databases",
    "Probability & statistics", "Història de l'art", "Organic chemistry", "Programación I", "Świat roślin", "Rhetoric",
    "Mikroökonomie", "Operating systems", "Ética", "Astronomy 🚀", "Thermodynamics", "فيزياء", "Music theory ♯/♭", "Logic",
]
ACTIVITIES = [
    "read", "summarise", "prove", "sketch", "translate", "measure", "compare", "implement", "discuss", "übe", "récite",
    "verify", "estimate", "derive", "explain", "rewrite",
]
WORDS = (
    "the a of and with for every some each result proof sample table graph theorem measure value error case limit idea "
    "step answer method source figure level question model change order state rule path rate learner course naïve café "
    "größer süß señal więcej данные 学習 \"quoted\" it's 50% <b> back\\slash tab\there — … ½ λ ≤ 🙂"
).split(" ")


def chance(percent: int) -> bool:
    return randgen.randrange(100) < percent


def sentence(words: int) -> str:
    return " ".join(randgen.choices(WORDS, k=words)).capitalize() + "."


def paragraph() -> str:
    """Return usually a few sentences, sometimes nothing at all or several pages."""
    if chance(8):
        return ""
    if chance(3):
        return "\n\n".join(sentence(60) for _ in range(12))
    return " ".join(sentence(randgen.randrange(4, 14)) for _ in range(randgen.randrange(1, 4)))


def answer() -> str:
    """Return what a learner hands in; never empty."""
    return paragraph() or randgen.choice(["?", "—", "I do not know.", "わかりません。"])


def subject() -> str:
    return randgen.choice(SUBJECTS)


def task_title() -> str:
    """Return a title of 200 characters, the most that fits, in one of fifty cases."""
    title = f"{randgen.choice(ACTIVITIES).capitalize()}: {subject()}"
    if chance(2):
        return (title + " " + sentence(80))[:200]
    return title


def first_name() -> str:
    return randgen.choice(FIRST_NAMES)


def last_name() -> str:
    """Return a name of 150 characters, the most that fits, in one of fifty cases."""
    if chance(2):
        return "-".join(randgen.choices([name for name in LAST_NAMES if name], k=30))[:150]
    return randgen.choice(LAST_NAMES)


def moment(first_second: int = 0, last_second: int = 2 * YEAR) -> datetime:
    """Return a moment, in microseconds, so many seconds after the fixed epoch."""
    return EPOCH + timedelta(seconds=randgen.randrange(first_second, last_second), microseconds=randgen.randrange(1_000_000))
