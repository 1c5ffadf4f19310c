import pytest

from dsp.listen.sources import calibrate
from dsp.listen.sources.calibrate import EXCERPTS, main, measured_gain
from dsp.listen.sources.gains import MEASURED


def test_a_kept_gain_is_the_measured_one() -> None:
    """Exactly: the measurement draws nothing. The others are measured by `python -m … calibrate`."""
    assert measured_gain("texture:rain", 1, EXCERPTS) == pytest.approx(MEASURED["texture:rain"][1], abs=1e-5)


@pytest.mark.parametrize("seed", range(4))
def test_kept_gains_of_the_bed_bring_it_near_its_target(seed: int) -> None:
    assert measured_gain("bed:ambient", seed, 3) == pytest.approx(MEASURED["bed:ambient"][seed], rel=0.2)


def test_it_prints_lines_for_the_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrate, "EXCERPTS", 1)
    monkeypatch.setattr(calibrate, "MEASURED", {"texture:rain": ()})
    main()
    name, gains = capsys.readouterr().out.rstrip(",\n").split(": ")
    assert name == '"texture:rain"'
    assert [float(gain) for gain in gains.strip("()").split(",")] == pytest.approx([0.9] * 4, rel=0.3)
