"""The workers behind the pages: who answers, what is computed once, and what a reader hears when one dies or hangs."""

import asyncio
import queue
import threading

import pytest

from kpilib.serve.answers import Answers, Job
from kpilib.serve.pool import Busy, Pool
from kpilib.serve.wire import Frame

END = Frame({"kind": "end"})


class Fake:
    """A worker's process in this one: `does` says what each request is answered with; None is its death."""

    def __init__(self, does):
        self.does, self.frames, self.dead = does, queue.SimpleQueue(), threading.Event()

    def send(self, request):
        if self.dead.is_set():
            raise BrokenPipeError
        for frame in self.does(request, self.dead):
            self.frames.put(frame)

    def receive(self):
        frame = self.frames.get()
        if frame is None:
            raise EOFError
        return frame

    def kill(self):
        self.dead.set()
        self.frames.put(None)


def said(*texts):
    return [*(Frame({"kind": "line"}, text.encode()) for text in texts), END]


def told(frames):
    return [frame.head.get("said") or frame.body.decode() or frame.head["kind"] for frame in frames]


def run(scenario, does, **options):
    """Run a scenario with a pool of fakes; `does` is a function, or one for each process that is started."""
    behaviours = iter(does) if isinstance(does, list) else iter(lambda: does, None)

    async def whole():
        pool = Pool(lambda: Fake(next(behaviours)), **options)
        pool.open()
        try:
            return await asyncio.wait_for(scenario(pool), 20)
        finally:
            await pool.close()

    return asyncio.run(whole())


def ask(text="q", **more):
    return {"do": "answer", "query": text, "locale": "en", **more}


async def answered(pool, request, key=None):
    return told(await (await pool.ask(request, key)).result())


def test_a_request_is_answered_frame_by_frame():
    assert run(lambda pool: answered(pool, ask()), lambda *_: said("a", "b")) == ["a", "b", "end"]


def test_a_worker_that_dies_is_replaced_and_the_reader_gets_every_line_once():
    dies = [Frame({"kind": "line"}, b"a"), None]
    does = [lambda *_: dies, lambda *_: said("a", "b")]
    assert run(lambda pool: answered(pool, ask()), does, workers=1) == ["a", "b", "end"]


def test_a_request_that_kills_every_worker_is_told_so_and_the_next_is_answered():
    async def scenario(pool):
        return await answered(pool, ask("deadly")), await answered(pool, ask("good"))

    def does(request, _):
        return [None] if request["query"] == "deadly" else said("fine")

    first, second = run(scenario, does, workers=1)
    assert first == ["What computes this page ended twice. Whoever runs the application finds the reason in its log."]
    assert second == ["fine", "end"]


def test_a_request_that_takes_too_long_loses_its_worker_and_the_reader_is_told():
    async def scenario(pool):
        return await answered(pool, ask("slow")), await answered(pool, ask("quick"))

    def does(request, _):
        return [] if request["query"] == "slow" else said("fine")

    first, second = run(scenario, does, workers=1, seconds=0.2)
    assert first == ["This took too long and was stopped. Choose less, or ask whoever runs the application."]
    assert second == ["fine", "end"]


def test_one_request_more_than_may_wait_is_refused_in_words():
    async def scenario(pool):
        await pool.ask(ask("running"))
        await asyncio.sleep(0.1)
        for n in range(2):
            await pool.ask(ask(f"waiting {n}"))
        with pytest.raises(Busy, match="Too many people ask at this moment"):
            await pool.ask(ask("too many"))

    run(scenario, lambda *_: [], workers=1, waiting=2)


def test_identical_requests_in_flight_are_computed_once():
    computed = []

    def does(request, _):
        computed.append(request["query"])
        return said("a")

    async def scenario(pool):
        jobs = [await pool.ask(ask(), "same") for _ in range(5)]
        return [told(await job.result()) for job in jobs]

    assert run(scenario, does) == [["a", "end"]] * 5
    assert computed == ["q"]


def test_a_finished_answer_is_not_computed_again_and_a_failed_one_is():
    computed = []

    def does(request, _):
        computed.append(request["query"])
        return said("a") if request["query"] == "good" else [Frame({"kind": "failed", "said": "no"})]

    async def scenario(pool):
        for _ in range(2):
            await answered(pool, ask("good"), "good")
            await answered(pool, ask("bad"), "bad")

    run(scenario, does)
    assert computed == ["good", "bad", "bad"]


def test_a_request_whose_reader_left_is_not_started():
    computed = []

    def does(request, _):
        computed.append(request["query"])
        return [] if request["query"] == "long" else said("a")

    async def scenario(pool):
        await pool.ask(ask("long"))
        await asyncio.sleep(0.1)
        left = await pool.ask(ask("left"), "left")
        left.leave()
        await asyncio.wait_for(answered(pool, ask("stayed")), 10)
        return await asyncio.wait_for(left.result(), 1)

    assert told(run(scenario, does, workers=1, seconds=0.3)) == ["failed"]
    assert computed == ["long", "stayed"]


def test_each_worker_is_greeted_once_and_a_new_one_again():
    greeted = []

    def does(request, _):
        greeted.append(request["query"])
        return [None] if request["query"] == "deadly" else said("a")

    async def scenario(pool):
        await pool.greet([(ask("hello"), "hello"), (ask("again"), "again")])
        await asyncio.sleep(0.3)
        assert sorted(greeted) == ["again", "again", "hello", "hello"]
        greeted.clear()
        await answered(pool, ask("deadly"))
        await asyncio.sleep(0.3)

    run(scenario, does, workers=2)
    assert greeted.count("deadly") == 2
    assert greeted.count("hello") == 1


def test_greetings_leave_one_worker_to_the_visitors():
    def does(request, _):
        return [] if request["query"] == "slow page" else said("a")

    async def scenario(pool):
        await pool.greet([(ask("slow page"), n) for n in range(4)])
        await asyncio.sleep(0.1)
        return await asyncio.wait_for(answered(pool, ask()), 2)

    assert run(scenario, does, workers=2) == ["a", "end"]


def test_a_greeting_that_fails_leaves_the_turn_to_the_next_and_is_not_tried_again():
    greeted = []

    def does(request, _):
        greeted.append(request["query"])
        return [] if request["query"] == "too slow" else said("a")

    async def scenario(pool):
        await pool.greet([(ask("too slow"), "first"), (ask("quick"), "second")])
        while "quick" not in greeted:  # within the time that `run` allows
            await asyncio.sleep(0.05)

    run(scenario, does, workers=2, seconds=0.2)
    assert greeted.count("too slow") == 1


def test_a_worker_that_cannot_be_started_is_told_and_tried_again():
    starts = iter([OSError("no memory"), OSError("no memory"), None])

    async def scenario():
        def start():
            problem = next(starts)
            if problem:
                raise problem
            return Fake(lambda *_: said("a"))

        pool = Pool(start, workers=1)
        pool.open()
        try:
            return await answered(pool, ask()), await answered(pool, ask())
        finally:
            await pool.close()

    first, second = asyncio.run(scenario())
    assert "ended twice" in first[0]
    assert second == ["a", "end"]


def test_the_memory_of_answers_is_bounded_and_the_least_asked_leaves_first():
    def finished(answers, key):
        job = Job(ask(), key)
        job.push(Frame({"kind": "line"}, b"x" * 1650))
        job.push(END)
        answers.finished(job)

    async def scenario():
        answers = Answers(10_000)
        finished(answers, "one")
        finished(answers, "two")
        assert answers.find("one")
        for key in ("three", "four", "five"):
            finished(answers, key)
        return [key for key in ("one", "two", "three", "four", "five") if answers.find(key)]

    assert asyncio.run(scenario()) == ["one", "three", "four", "five"]


def test_an_answer_that_would_drive_all_others_out_is_not_kept():
    async def scenario():
        answers, job = Answers(10_000), Job(ask(), "large")
        job.push(Frame({"kind": "line"}, b"x" * 5000))
        job.push(END)
        answers.finished(job)
        return answers.find("large")

    assert asyncio.run(scenario()) is None


def parted(seconds, *pushed):
    """The parts in which an answer is written whose frames come one by one, each once the reader waits for it."""

    async def whole():
        job, parts = Job({}, None), []

        async def read():
            async for part in job.parts(lambda: seconds):
                parts.append(told(part))

        reading = asyncio.create_task(read())
        for frame in pushed:
            for _ in range(20):  # the reader takes what is there
                await asyncio.sleep(0)
            job.push(frame)
        await asyncio.wait_for(reading, 20)
        return parts

    return asyncio.run(whole())


def test_the_first_piece_goes_at_once_and_what_follows_goes_together():
    assert parted(60, *said("head", "tiles", "a", "b", "c")) == [["head", "tiles"], ["a", "b", "c", "end"]]


def test_what_comes_after_the_while_goes_in_its_own_part():
    assert parted(0, *said("head", "tiles", "a", "b")) == [["head", "tiles"], ["a"], ["b"], ["end"]]


def test_an_answer_that_is_there_goes_in_one_part_and_a_refusal_is_not_held_back():
    async def kept():
        job = Job({}, None)
        for frame in said("head", "tiles", "a"):
            job.push(frame)
        return [told(part) async for part in job.parts(lambda: 60)]

    assert asyncio.run(kept()) == [["head", "tiles", "a", "end"]]
    assert parted(60, Frame({"kind": "refused", "said": "no"})) == [["no"]]
