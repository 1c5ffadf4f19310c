import numpy as np
import pytest

from dsp.base.grid import QUANTUM, RATE_HZ
from dsp.base.ramps import Doubles
from dsp.listen import GranuleCache, Instance, open_instance, param_change, parse_program, prepare, render
from dsp.listen.direct import direct_quantum
from dsp.listen.program import Keyframe, Spatial, Trajectory
from dsp.listen.spatial import HOP, Floats, peak, points, spun

STILL = Trajectory((Keyframe(0.0, 0.1),))
WIDE = Spatial(STILL, width_us=600.0, shade_db=6.0)
N = 4 * QUANTUM


def sines(*freqs_hz: float) -> Floats:
    """The same sines in both ears, and what of them lies above 1.5 kHz."""
    time_s = np.arange(HOP + N) / RATE_HZ
    low = sum(np.sin(2 * np.pi * freq * time_s) for freq in freqs_hz if freq < 1500.0)
    high = sum(np.sin(2 * np.pi * freq * time_s) for freq in freqs_hz if freq >= 1500.0)
    zeros = np.zeros(HOP + N)
    return np.stack([zeros + low + high, zeros + low + high, zeros + high, zeros + high]).astype(np.float32)


def still(turn: float) -> Doubles:
    """Phases of a station that does not move."""
    return np.full(N // HOP + 2, turn)


def test_the_points_begin_a_hop_before_and_end_behind_the_last_frame() -> None:
    assert points(960, 120).tolist() == [900, 960, 1020, 1080]


@pytest.mark.req("S0-28")
@pytest.mark.parametrize(("turn", "left_us", "right_us"), [(0.0, 300, 300), (0.25, 600, 0), (0.75, 0, 600)])
def test_the_far_ear_hears_later(turn: float, left_us: float, right_us: float) -> None:
    ears = spun(sines(400.0), still(turn), WIDE)
    time_s = np.arange(N) / RATE_HZ + (HOP - 1) / RATE_HZ
    for ear, delay_us in zip(ears, (left_us, right_us), strict=True):
        assert ear == pytest.approx(np.sin(2 * np.pi * 400.0 * (time_s - delay_us * 1e-6)), abs=1e-3)


def test_the_far_ear_is_darker_by_what_was_asked_and_the_power_constant() -> None:
    for turn, expected_db in ((0.0, 0.0), (0.25, -6.0), (0.75, 6.0)):
        left, right = np.sqrt(np.mean(spun(sines(3000.0), still(turn), WIDE) ** 2, axis=1))
        assert 20.0 * np.log10(left / right) == pytest.approx(expected_db, abs=0.15)
        assert left**2 + right**2 == pytest.approx(1.0, rel=0.02)
    left, right = np.sqrt(np.mean(spun(sines(400.0), still(0.25), WIDE) ** 2, axis=1))
    assert left == pytest.approx(right, rel=1e-2)


def test_a_moving_delay_is_the_sound_of_its_time() -> None:
    """A tone that recedes as quickly as anything may: against the formula, frame by frame."""
    cycles = 0.5 * (np.arange(-1, N // HOP + 1) * HOP) / RATE_HZ
    side = np.sin(np.pi * np.arange(N) / RATE_HZ)
    frame = np.arange(N) + HOP
    for ear, sign in zip(spun(sines(400.0), cycles, WIDE), (1.0, -1.0), strict=True):
        delay = 1.0 + 14.4 * (1.0 + sign * side)
        assert ear == pytest.approx(np.sin(2 * np.pi * 400.0 * (frame - delay) / RATE_HZ), abs=1e-4)


def test_the_bound_holds() -> None:
    rng = np.random.default_rng(3)
    samples = rng.uniform(-1.0, 1.0, (4, HOP + N)).astype(np.float32)
    heard = spun(samples, np.linspace(0.0, 2.0, N // HOP + 2), WIDE)
    assert np.abs(heard).max() < peak(1.0, 1.0, WIDE) < 2.0


def turning(gain: float = 0.0, **more: object) -> Instance:
    layers = {
        "rain": {
            "kind": "texture",
            "recipe": "rain",
            "level": 70,
            "spatial": {"rate_hz": [[0, 0.1], [60, 0.3]], "width_us": 600},
        },
        **more,
    }
    program = parse_program(
        {
            "v": 1,
            "title": "",
            "mode": "relax",
            "layers": layers,
            "modulation": {"rate_hz": 10, "depth": 40},
            "output": {"gain_db": gain},
        }
    )
    assert parse_program(program.to_json()) == program
    return open_instance(program, seed=1, live_frame=960 * 10_000_000)


def test_tiles_and_the_direct_arithmetic_agree() -> None:
    instance, cache = turning(), GranuleCache()
    plan = prepare(instance)
    assert plan.stretch(0, 100) is not None
    tiled = plan.signal(98, 103, cache)
    direct = [direct_quantum(instance, instance.states[0], quantum, cache) for quantum in range(98, 103)]
    assert np.max(np.abs(tiled - np.concatenate(direct, axis=1))) < 1e-5


def test_a_knob_turns_without_a_click_and_not_before_its_time() -> None:
    before, cache = turning(), GranuleCache()
    change = param_change(before, 30_000, {"rain.spin_hz": 0.5}, 1440)
    old, new = (render(one, 0, 60_000, cache) for one in (before, change.instance))
    assert np.array_equal(old[: 30_000 - 480], new[: 30_000 - 480])
    apart = np.abs(new - old).max(axis=1)
    assert apart[29_000:30_100].max() < 0.01  # the motion leaves its course as softly as the ramp
    assert apart[40_000:].max() > 0.01


def test_any_split_gives_the_same_bits_and_the_guard_is_told() -> None:
    plan, cache = prepare(turning(6.0)), GranuleCache()
    whole = render(plan, 0, 96_000, cache)
    parts = [render(plan, start, 1_000, cache) for start in range(0, 96_000, 1_000)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()
    asked = set(plan.granules(0, 20))
    own = GranuleCache()
    for key in asked:
        own.fill(key)
    plan.signal(0, 20, own)
    assert len(own) == len(asked)
