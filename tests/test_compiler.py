"""Charts compiled outside the workers."""

import os

from kpilib.serve.compiler import Compiler

BAR = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"values": [{"a": 1}]}, "mark": "bar"}


def refuse(spec):
    raise AssertionError("a worker has no script engine")


def test_a_worker_compiles_in_another_process_and_finds_it_again(tmp_path):
    compiler = Compiler(tmp_path / "charts", refuse)
    made = compiler(BAR)
    assert made["marks"][0]["type"] == "rect"
    compiler._helper.kill()
    assert compiler(BAR) == made, "from the disk"
    assert compiler({**BAR, "mark": "point"})["marks"], "a new process takes the place of one that left"
    compiler.close()


def test_the_painter_compiles_itself_for_all(tmp_path):
    painter = Compiler(tmp_path, lambda spec: {"made by": os.getpid()})
    painter.here = True
    assert painter(BAR) == {"made by": os.getpid()}
    assert Compiler(tmp_path, refuse)(BAR) == painter(BAR)


def test_what_was_kept_badly_is_made_again(tmp_path):
    painter = Compiler(tmp_path, lambda spec: {"made": True})
    painter.here = True
    painter(BAR)
    next(tmp_path.iterdir()).write_text("{broken")
    assert painter(BAR) == {"made": True}
