"""The rows that tell what something costs run to their end, and find out what was not done. Figures, no test judges."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import costs, tools
from tests.bench.catalog import PEERS
from tests.bench.harness import Figure, bench_of
from tests.bench.machine import Cores, choose_cores
from tests.bench.measure import measure
from tests.bench.processes import RunError
from tests.bench.report import DOCUMENT, as_document, as_table, check_document, update_document
from tests.bench.rounds import Record
from tests.bench.rows import ROWS, Row

_FEW = 10


@pytest.fixture
def cores() -> Cores:
    """Two cores, and a compiler; else the test is skipped."""
    try:
        tools.generator()
        return choose_cores(None)
    except (tools.Unavailable, ValueError) as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "peer"),
    [
        ("workers", "tapewire-workers"),
        ("storm", "storm-snapshot"),
        ("storm", "storm-recover"),
        ("handshakes", "auth-rs256"),
        ("authenticate", "auth-eddsa"),
        ("metrics-own", "metrics-scraped"),
        ("counting", "tapewire-turn"),
        ("scrape", "tapewire"),
    ],
)
async def test_a_row_gives_a_figure(
    name: str, peer: str, cores: Cores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With few clients the figure means little, but all that was to be counted on the way was."""
    monkeypatch.setattr(costs, "_QUADS", 1)
    monkeypatch.setattr(costs, "_PRELUDE", 3)
    monkeypatch.setattr(costs, "_STALE", 0.01)
    row = _small(name)
    figure = await measure(row, PEERS[peer], cores, seconds=0.1)
    assert figure.value > 0 or name == "counting"
    records = [Record(1, row, peer, figure=figure)]
    assert PEERS[peer].title in as_table(records)
    assert f"### {row.title}" in as_document(records, {})


async def test_a_storm_whose_clients_recover_nothing_is_no_figure(
    cores: Cores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many messages as are owed do not do: the server is asked whether it has recovered everybody."""
    monkeypatch.setattr(costs, "PATIENCE", 1.0)
    row = replace(_small("storm"), lost=1)

    async def elsewhere(bench: object) -> list[tuple[str, int]]:
        return [("another", 1)] * row.topics

    monkeypatch.setattr(costs, "_positions", elsewhere)
    with pytest.raises(RunError, match="counted 0 of `recovered`"):
        await measure(row, PEERS["storm-recover"], cores, seconds=0.1)


async def test_counting_can_be_taken_out_and_put_back(cores: Cores) -> None:
    """Without it the server delivers as ever, and its numbers stand still."""
    row = _small("counting-one")
    async with bench_of(row, PEERS["tapewire-turn"], cores, 0.1) as bench:
        await bench.connect(row.clients)
        sent: list[float] = []
        for word in ("uncount", "count"):
            await bench.server.ask(word, 5)
            before = (await bench.server.ask("counts", 5))["bytes_sent"]
            await costs._spend(bench, 0.1)
            sent.append((await bench.server.ask("counts", 5))["bytes_sent"] - before)
    assert sent[0] == 0
    assert sent[1] > 0


def test_workers_have_cores_of_their_own_where_there_are_enough() -> None:
    """On two cores the second worker shares the generator's; on six nobody shares."""
    two, six = Cores(0, 1), Cores(0, 1, (2, 3, 4, 5))
    assert (two.of_workers(2), two.of_broker(2)) == ([0, 1], 1)
    assert (six.of_workers(2), six.of_broker(2)) == ([0, 2], 3)


def _small(name: str) -> Row:
    row = next(row for row in ROWS if row.name == name)
    return replace(
        row,
        clients=min(row.clients, _FEW),
        per_turn=min(row.per_turn, _FEW),
        topics=min(row.topics, _FEW),
        lost=min(row.lost, 3),
    )


def test_a_run_replaces_the_tables_of_its_own_rows_alone(tmp_path: Path) -> None:
    """What was measured beside others stays where Tapewire was run alone, and a document without markers is refused."""
    document = tmp_path / "figures.md"
    document.write_text("nothing\n")
    with pytest.raises(ValueError, match="needs the line <!-- figures"):
        check_document(document)
    document.write_text(Path(DOCUMENT).read_text(encoding="utf-8"), encoding="utf-8")
    row = _small("storm")
    record = Record(1, row, "storm-recover", figure=Figure(12.0, "x"))
    update_document(document, [record], {"measured": "then"})
    text = document.read_text(encoding="utf-8")
    assert "| measured | then |" in text
    assert (
        text.partition("<!-- costs")[0]
        == Path(DOCUMENT).read_text(encoding="utf-8").partition("<!-- costs")[0]
    )
