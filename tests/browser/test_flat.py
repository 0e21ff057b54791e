"""Fifty choices later a page, and the processes behind it, are as large as before."""

import time

import psutil

from browser.reading import Reader

MEMBERS = "name => [...document.querySelectorAll(`.kpi-filters input[name=${name}]`)].map((box) => box.value)"
WARM, CHANGES, GROWTH = 10, 50, 1.1
PATIENCE = 240


def workers(app) -> list[psutil.Process]:
    """The forks that answer; a painter is no fork, and ends."""
    parents = psutil.Process(app.process.pid).children()
    return [process for parent in parents for process in parent.children()]


def rested(app) -> None:
    """Wait until the worker has run every notebook ahead of its readers: that is not what a choice leaves behind."""
    late, quiet, before = time.monotonic() + PATIENCE, 0, 0.0
    while quiet < 3:
        assert time.monotonic() < late, "the worker does not come to rest"
        time.sleep(1)
        spent = sum(sum(worker.cpu_times()[:2]) for worker in workers(app))
        quiet = quiet + 1 if workers(app) and spent - before < 0.05 else 0
        before = spent


def size(reader, app) -> dict[str, float]:
    """What the page holds once its garbage is gone, and megabytes of the workers, shared memory counted in parts."""
    wire = reader.page.context.new_cdp_session(reader.page)
    wire.send("Performance.enable")
    wire.send("HeapProfiler.collectGarbage")
    held = {metric["name"]: metric["value"] for metric in wire.send("Performance.getMetrics")["metrics"]}
    wire.detach()
    (worker,) = workers(app)
    memory = worker.memory_full_info().pss / 1e6
    return {**{name: held[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}, "workers": memory}


def test_fifty_choices_leave_the_memory_of_the_page_and_of_the_workers_flat(start_app, visit):
    app = start_app("--data", "data/demo", "--workers", "1")
    reader = Reader(visit, app, "01_opportunities")
    pairs = [
        {"segment": [segment], "owner": [owner]}
        for owner in reader.page.evaluate(MEMBERS, "owner")
        for segment in reader.page.evaluate(MEMBERS, "segment")
    ]
    pairs += [{"segment": pair["segment"], "owner": pair["owner"], "period": ["2026Q1"]} for pair in pairs]

    def changed(queries):
        for query in queries:
            reader.page.evaluate("query => kpiSession.change(query)", query)
            reader.seen.settled()
            assert reader.query == query
        reader.reset()

    rested(app)
    changed(pairs[:WARM])
    before = size(reader, app)
    changed(pairs[WARM : WARM + CHANGES])
    after = size(reader, app)
    assert {name: (before[name], after[name]) for name in after if after[name] > GROWTH * before[name]} == {}
    assert reader.seen.errors == []
