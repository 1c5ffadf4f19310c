import numpy as np

from dsp.base.grid import QUANTUM
from dsp.base.pcm import dither_blocks, dither_index, dither_indices, pack_f32, pack_s16


def test_dither_is_triangular_and_keyed() -> None:
    blocks = dither_blocks()
    assert blocks.shape == (2, 64, QUANTUM)
    assert np.abs(blocks).max() <= 1.0
    # the variance of a difference of two uniform draws is 1/6
    assert abs(float(blocks.var()) - 1 / 6) < 0.002
    assert abs(float(blocks.mean())) < 0.003
    assert abs(float(np.corrcoef(blocks[0].ravel(), blocks[1].ravel())[0, 1])) < 0.02


def test_blocks_of_dither_are_chosen_by_a_hash_of_the_quantum() -> None:
    quanta = np.arange(10_000, dtype=np.int64)
    many = dither_indices(quanta)
    assert [dither_index(int(quantum)) for quantum in quanta[:50]] == many[:50].tolist()
    assert np.bincount(many, minlength=64).min() > 100
    assert np.mean(many[1:] == many[:-1]) < 0.03


def test_int16_frames_are_the_rounded_samples_left_first() -> None:
    signal = np.array([[0.5, -0.5, 0.25], [-1.0 + 2**-15, 0.0, 0.1]], dtype=np.float32)
    out = np.empty(3, dtype=np.uint32)
    pack_s16(signal.copy(), np.zeros_like(signal), out)
    frames = out.view("<i2").reshape(3, 2)
    assert frames.tolist() == [[16384, -32767], [-16384, 0], [8192, 3277]]


def test_dither_is_added_before_rounding() -> None:
    signal = np.zeros((2, 4), dtype=np.float32)
    dither = np.array([[0.4, 0.6, -0.6, -0.4], [0.0, 1.0, -1.0, 0.51]], dtype=np.float32)
    out = np.empty(4, dtype=np.uint32)
    pack_s16(signal, dither, out)
    assert out.view("<i2").reshape(4, 2).tolist() == [[0, 0], [1, 1], [-1, -1], [0, 1]]


def test_dithered_rounding_has_no_bias_on_a_quiet_tone() -> None:
    wanted = np.float32(0.3 / 32768.0)
    signal = np.full((2, 64, QUANTUM), wanted, dtype=np.float32)
    out = np.empty((64, QUANTUM), dtype=np.uint32)
    pack_s16(signal, dither_blocks(), out)
    assert abs(float(out.view("<i2").mean()) - 0.3) < 0.005


def test_float_frames_are_interleaved_unchanged() -> None:
    signal = np.array([[0.5, -0.25], [1e-9, -1.0]], dtype=np.float32)
    out = np.empty(2, dtype=np.uint64)
    pack_f32(signal.copy(), out)
    assert out.view("<f4").reshape(2, 2).tolist() == signal.T.tolist()
