"""S1: whoever rules the database is found out by a stranger with a public key and outside anchors.

An attacker may do everything to the tables and to the bundle made of them. He has neither the
sealer's private key (except where it says so) nor a hand on the copies outside.
"""

from __future__ import annotations

import base64
import json
import random
import time
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Protocol

import pytest

from ops.engines.audit import anchors as texts
from ops.engines.audit.signing import Signer
from ops.engines.audit.verifier import verify_bundle as verifier
from tests.faults.ground import IS_FULL, keep
from tests.support.sealed_log import Log, Seal, leaf_of, lines, packed

SEEDS: Final = 1000 if IS_FULL else 60
TRUE_KEY = Signer.of(base64.b64decode("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="))
HIS_KEY = Signer.of(b"the key of somebody else: 32 B..")
NEXT_KEY = Signer.of(b"the key that follows: 32 bytes..")

Members = dict[str, bytes]


class OnTables(Protocol):
    """An attack on the tables, by a name; it is given the first day the auditor asks for."""

    __name__: str

    def __call__(self, log: Log, first: date, chance: random.Random, /) -> None: ...


class OnBundle(Protocol):
    """An attack on a bundle on its way."""

    __name__: str

    def __call__(self, members: Members, chance: random.Random, /) -> None: ...


def grown(chance: random.Random) -> Log:
    """Return an honest log of several days, each anchor over a few facts, some handovers."""
    log = Log(TRUE_KEY)
    for turn in range(chance.randrange(4, 12)):
        log.happen(chance.randrange(1, 9), chance)
        log.seal(following=NEXT_KEY if turn == 2 and chance.random() < 0.2 else None)
        log.now += timedelta(days=chance.choice([0, 0, 0, 1]))
    return log


def days_of(log: Log, chance: random.Random) -> tuple[date, date]:
    """Return the days an auditor asks for: all, or from some day on."""
    last = log.now.date()
    first = log.anchors[0].sealed_at.date()
    return first + timedelta(days=chance.randrange((last - first).days + 1)), last


def judged(members: Members, outside: list[str], last: date) -> verifier.Verdict:
    """Return what a stranger finds, who has the first key and the copies from outside."""
    return verifier.verify(
        packed(members),
        keys=[TRUE_KEY.public],
        outside=verifier.read_anchors(outside),
        last_day=last.isoformat(),
    )


def shown(log: Log, first: date) -> range:
    """Return the places a bundle from a day on holds."""
    start = next(
        (a for a in log.anchors if a.sealed_at.date() >= first), log.anchors[-1]
    ).first_leaf
    return range(start, len(log.places))


# --- Attacks on the tables: (log, first day shown, chance) -> None -------------------------------


def edit(log: Log, first: date, chance: random.Random) -> None:
    """Change one fact's words."""
    number = log.places[chance.choice(shown(log, first))][0]
    log.facts[number] = log.facts[number].replace('"at"', '"at "')


def edit_and_rehash_the_leaf(log: Log, first: date, chance: random.Random) -> None:
    """Change one fact and its sealed leaf."""
    place = chance.choice(shown(log, first))
    number = log.places[place][0]
    log.facts[number] = log.facts[number].replace('"amount"', '"amount "').replace("n", "m")
    log.places[place] = (number, leaf_of(log.facts[number]))


def edit_and_rehash_all(log: Log, first: date, chance: random.Random) -> None:
    """Change one fact, then every leaf, root and citation; the signatures cannot follow."""
    edit_and_rehash_the_leaf(log, first, chance)
    rebuilt: list[Seal] = []
    for anchor in log.anchors:
        previous = texts.hash_of(rebuilt[-1]) if rebuilt else bytes(32)
        tree = log.tree(anchor.tree_size)
        rebuilt.append(
            replace(anchor, previous=previous, root=tree.root(), peaks=b"".join(tree.peaks))
        )
    log.anchors = rebuilt


def rebuild_with_another_key(log: Log, first: date, chance: random.Random) -> None:
    """Change one fact and rebuild everything, signed by a key of one's own."""
    edit_and_rehash_the_leaf(log, first, chance)
    resign(log, HIS_KEY)


def rebuild_with_the_stolen_key(log: Log, first: date, chance: random.Random) -> None:
    """The same with the true key: then the copies outside alone tell."""
    edit_and_rehash_the_leaf(log, first, chance)
    resign(log, TRUE_KEY)


def resign(log: Log, signer: Signer) -> None:
    rebuilt: list[Seal] = []
    for anchor in log.anchors:
        previous = texts.hash_of(rebuilt[-1]) if rebuilt else bytes(32)
        plain = replace(anchor, previous=previous, next_key=None, next_signature=None)
        rebuilt.append(log.signed(plain, signer))
    log.anchors = rebuilt


def delete(log: Log, first: date, chance: random.Random) -> None:
    """Remove a fact's row."""
    del log.facts[log.places[chance.choice(shown(log, first))][0]]


def delete_with_its_leaf(log: Log, first: date, chance: random.Random) -> None:
    """Remove a fact and its place; those after it move up."""
    place = chance.choice(shown(log, first))
    del log.facts[log.places.pop(place)[0]]


def insert(log: Log, first: date, chance: random.Random) -> None:
    """Put a fact between sealed ones."""
    place, number = chance.choice(shown(log, first)), 10**6
    log.facts[number] = log.facts[1].replace('"n', '"m')
    log.places.insert(place, (number, leaf_of(log.facts[number])))


def insert_a_stray(log: Log, first: date, chance: random.Random) -> None:
    """Put in a fact that claims to be old, without a place."""
    log.facts[10**6] = log.facts[chance.choice(shown(log, first)) + 1].replace('"n', '"m')


def swap(log: Log, first: date, chance: random.Random) -> None:
    """Exchange two facts' words."""
    if len(shown(log, first)) < 2:
        edit(log, first, chance)
        return
    one, other = (log.places[place][0] for place in chance.sample(shown(log, first), 2))
    log.facts[one], log.facts[other] = log.facts[other], log.facts[one]


def swap_places(log: Log, first: date, chance: random.Random) -> None:
    """Exchange two facts' places."""
    if len(shown(log, first)) < 2:
        edit(log, first, chance)
        return
    one, other = chance.sample(shown(log, first), 2)
    log.places[one], log.places[other] = log.places[other], log.places[one]


def change_a_leaf(log: Log, first: date, chance: random.Random) -> None:
    """Change a sealed leaf alone."""
    place = chance.choice(shown(log, first))
    log.places[place] = (log.places[place][0], leaf_of("other"))


def cut_the_tail(log: Log, first: date, chance: random.Random) -> None:
    """Drop the newest anchors with their facts."""
    keep_some = chance.randrange(1, len(log.anchors))
    log.anchors = log.anchors[:keep_some]
    log.places = log.places[: log.anchors[-1].tree_size]
    known = {number for number, _leaf in log.places}
    log.facts = {number: text for number, text in log.facts.items() if number in known}


def fork(log: Log, first: date, chance: random.Random) -> None:
    """Restore yesterday's copy and go on from there on a machine that has the true key."""
    now = log.now
    cut_the_tail(log, first, chance)
    log.now = log.anchors[-1].sealed_at
    log.signer = NEXT_KEY if any(a.next_key for a in log.anchors) else TRUE_KEY
    log.happen(chance.randrange(1, 9), chance)
    log.seal()
    log.now = now


def replay_an_anchor(log: Log, first: date, chance: random.Random) -> None:
    """Put an older, truly signed anchor in the place of a newer one of the days shown."""
    newest = len(log.anchors) - 1
    seen = [n for n, a in enumerate(log.anchors) if n and a.sealed_at.date() >= first]
    newer = chance.choice(seen or [newest])
    log.anchors[newer] = log.anchors[chance.randrange(newer)]


def drop_an_anchor(log: Log, first: date, chance: random.Random) -> None:
    """Take out an anchor of the days shown; its facts stay."""
    seen = [n for n, a in enumerate(log.anchors[:-1]) if a.sealed_at.date() >= first]
    if not seen:
        edit(log, first, chance)
        return
    del log.anchors[chance.choice(seen)]


def backdate_an_anchor(log: Log, first: date, chance: random.Random) -> None:
    """Say that an anchor was sealed earlier."""
    place = len(log.anchors) - 1
    anchor = log.anchors[place]
    log.anchors[place] = replace(anchor, sealed_at=anchor.sealed_at - timedelta(seconds=20))


def hand_over_to_himself(log: Log, first: date, chance: random.Random) -> None:
    """Seal on with a key of his own, as if the newest anchor had handed over to it."""
    last = log.anchors[-1]
    text = texts.content_of(replace(last, next_key=HIS_KEY.public))
    log.anchors[-1] = replace(last, next_key=HIS_KEY.public, next_signature=HIS_KEY.sign(text))
    log.signer = HIS_KEY
    log.happen(3, chance)
    log.seal()


# --- Attacks on the bundle on its way to the auditor: (members, chance) -> None ------------------


def forge_the_proof(members: Members, chance: random.Random) -> None:
    """Change the tree the facts are appended to."""
    peaks = json.loads(members["peaks.json"])
    peaks = [*peaks[:-1], "11" * 32] if peaks else ["11" * 32]
    members["peaks.json"] = json.dumps(peaks).encode()


def forge_the_former_anchor(members: Members, chance: random.Random) -> None:
    """Let the bundle begin after facts nobody shall see."""
    anchors = members["anchors.jsonl"].splitlines()
    told = json.loads(anchors[0])
    told["anchor"]["first"] += 1
    anchors[0] = json.dumps(told).encode()
    members["anchors.jsonl"] = b"\n".join(anchors) + b"\n"


def drop_a_line(members: Members, chance: random.Random) -> None:
    """Take out a fact's line."""
    facts = members["facts.jsonl"].splitlines()
    del facts[chance.randrange(len(facts))]
    members["facts.jsonl"] = b"".join(fact + b"\n" for fact in facts)


def add_a_line(members: Members, chance: random.Random) -> None:
    """Add a fact after the last anchor."""
    members["facts.jsonl"] += b'{"action":"finance.payment_approved"}\n'


def tear(members: Members, chance: random.Random) -> None:
    """Tear off the end of the facts."""
    members["facts.jsonl"] = members["facts.jsonl"][: -chance.randrange(2, 90)]


def flip_a_byte(members: Members, chance: random.Random) -> None:
    """Flip one bit of the facts."""
    data = bytearray(members["facts.jsonl"])
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(7)
    members["facts.jsonl"] = bytes(data)


def keep_the_last_anchor_back(members: Members, chance: random.Random) -> None:
    """Hand out a bundle that ends an anchor early."""
    anchors = members["anchors.jsonl"].splitlines()
    members["anchors.jsonl"] = b"".join(line + b"\n" for line in anchors[:-1])


TABLES: Final[tuple[OnTables, ...]] = (
    edit,
    edit_and_rehash_the_leaf,
    edit_and_rehash_all,
    rebuild_with_another_key,
    rebuild_with_the_stolen_key,
    delete,
    delete_with_its_leaf,
    insert,
    insert_a_stray,
    swap,
    swap_places,
    change_a_leaf,
    cut_the_tail,
    fork,
    replay_an_anchor,
    drop_an_anchor,
    backdate_an_anchor,
    hand_over_to_himself,
)
BUNDLES: Final[tuple[OnBundle, ...]] = (
    forge_the_proof,
    forge_the_former_anchor,
    drop_a_line,
    add_a_line,
    tear,
    flip_a_byte,
    keep_the_last_anchor_back,
)
WINDOWED: Final[tuple[OnTables, ...]] = (
    edit,
    delete,
    swap,
    delete_with_its_leaf,
    edit_and_rehash_the_leaf,
)


def attacked(seed: int) -> tuple[str, verifier.Verdict | None]:
    """Attack one log once; return the attack's name and what the stranger found."""
    chance = random.Random(seed)
    log = grown(chance)
    first, last = days_of(log, chance)
    outside = log.outside()
    turn = seed % (len(TABLES) + len(BUNDLES))
    if turn < len(TABLES):
        name = TABLES[turn].__name__
        TABLES[turn](log, first, chance)
        members = log.export(first, last)
    else:
        name = BUNDLES[turn - len(TABLES)].__name__
        members = log.export(first, last)
        BUNDLES[turn - len(TABLES)](members, chance)
    try:
        verdict = judged(members, outside, last)
    except verifier.Unreadable:
        return name, None
    return name, verdict


def test_every_attack_on_a_sealed_log_is_found_and_an_honest_log_raises_no_alarm() -> None:
    began = time.monotonic()
    tried: Counter[str] = Counter()
    missed = []
    for seed in range(SEEDS):
        name, verdict = attacked(seed)
        tried[name] += 1
        if verdict is not None and not verdict.findings:
            missed.append((name, seed))
    alarms = []
    for seed in range(SEEDS):
        chance = random.Random(-seed)
        log = grown(chance)
        first, last = days_of(log, chance)
        if found := judged(log.export(first, last), log.outside(), last).findings:
            alarms.append((seed, found))

    keep(
        "S1",
        {
            "promise": "S1",
            "seconds": round(time.monotonic() - began, 1),
            "accepted": sum(tried.values()),
            "lost": len(missed),
            "other_answer": len(alarms),
        },
    )
    assert missed == []
    assert alarms == []
    assert len(tried) == len(TABLES) + len(BUNDLES)


@pytest.mark.parametrize("attack", WINDOWED, ids=lambda each: each.__name__)
@pytest.mark.parametrize("seed", range(5))
def test_the_window_in_which_the_changed_fact_was_sealed_is_named(
    attack: OnTables, seed: int
) -> None:
    chance = random.Random(seed)
    log = grown(chance)
    first, last = log.anchors[0].sealed_at.date(), log.now.date()
    clean, outside = log.copy(), log.outside()

    attack(log, first, chance)

    found = judged(log.export(first, last), outside, last).findings[0]
    bad = next(
        place
        for place, (number, leaf) in enumerate(clean.places)
        if place >= len(log.places)
        or log.places[place] != (number, leaf)
        or log.facts.get(number) != clean.facts[number]
    )
    sealed = next(anchor for anchor in clean.anchors if anchor.tree_size > bad)
    assert json.loads(texts.content_of(sealed))["sealed_at"] in found.window


def test_a_single_changed_fact_is_named_with_its_number() -> None:
    chance = random.Random(7)
    log = grown(chance)
    first, last = log.anchors[0].sealed_at.date(), log.now.date()
    outside = log.outside()
    log.facts[3] = log.facts[3].replace('"n', '"m')

    (found,) = judged(log.export(first, last), outside, last).findings

    assert found.code == "fact"
    assert "fact 3 (place 3) was changed" in found.text


def test_without_outside_anchors_the_stolen_key_would_pass_and_with_them_it_does_not() -> None:
    chance = random.Random(1)
    log = grown(chance)
    first, last = log.anchors[0].sealed_at.date(), log.now.date()
    outside = log.outside()
    rebuild_with_the_stolen_key(log, first, chance)
    members = log.export(first, last)

    assert judged(members, [], last).findings == []
    assert {found.code for found in judged(members, outside, last).findings} >= {"outside"}


def test_members_said_twice_are_told() -> None:
    log = grown(random.Random(3))
    first, last = log.anchors[0].sealed_at.date(), log.now.date()
    bundle = packed(log.export(first, last))
    with pytest.warns(UserWarning, match="Duplicate"):
        zipfile.ZipFile(bundle, "a").writestr("facts.jsonl", lines(["{}"]))
    bundle.seek(0)

    verdict = verifier.verify(bundle, keys=[TRUE_KEY.public])

    assert "bundle" in {found.code for found in verdict.findings}


SIGNED: Final[tuple[OnTables, ...]] = (
    edit,
    edit_and_rehash_all,
    rebuild_with_another_key,
    delete_with_its_leaf,
    backdate_an_anchor,
    hand_over_to_himself,
)


@pytest.mark.parametrize("attack", SIGNED, ids=lambda each: each.__name__)
def test_the_public_key_alone_finds_what_was_not_signed_with_the_private_one(
    attack: OnTables,
) -> None:
    chance = random.Random(11)
    log = grown(chance)
    first, last = log.anchors[0].sealed_at.date(), log.now.date()
    assert judged(log.export(first, last), [], last).findings == []

    attack(log, first, chance)

    assert judged(log.export(first, last), [], last).findings != []
