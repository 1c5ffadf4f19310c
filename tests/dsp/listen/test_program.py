from dsp.listen.program import Keyframe, ProgramError, Trajectory


def test_an_error_says_where_and_what() -> None:
    error = ProgramError("layers.pads.level", "must lie from 0 to 100, not 101")
    assert str(error) == "layers.pads.level: must lie from 0 to 100, not 101"
    assert error.field == "layers.pads.level"
    assert str(ProgramError("", "an instance must be an object")) == "an instance must be an object"


def test_a_constant_trajectory_is_a_number_in_json() -> None:
    assert Trajectory((Keyframe(0.0, 5.0),)).to_json() == 5.0
    moving = Trajectory((Keyframe(0.0, 5.0), Keyframe(2.0, 7.0, "cosine")))
    assert moving.to_json() == [[0.0, 5.0, "linear"], [2.0, 7.0, "cosine"]]
    assert moving.start == 5.0
