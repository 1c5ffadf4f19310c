from dsp.base.params import ParamSpec

LEVEL = ParamSpec("rain.level", "Level", "", 0.0, 100.0, 20.0, 1.0, "square", 30.0)


def test_a_value_is_clamped_into_its_range() -> None:
    assert [LEVEL.clamp(value) for value in (-1.0, 50.0, 101.0)] == [0.0, 50.0, 100.0]


def test_the_wire_sees_choices_only_where_there_are_some() -> None:
    assert LEVEL.to_json()["address"] == "rain.level"
    assert "choices" not in LEVEL.to_json()
    color = ParamSpec("noise.color", "Colour", "", 0.0, 0.0, "pink", 0.0, "choice", 30.0, ("pink", "brown"))
    assert color.to_json()["choices"] == ["pink", "brown"]
