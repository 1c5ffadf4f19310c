"""Station gains: what brings each recipe to −23 LUFS before anyone has moved a slider."""

from typing import Final

TARGET_LUFS: Final = -23.0
POOL_SIZE: Final = 4
STATION_GAINS: Final = {
    "bed:ambient": (0.078, 0.078, 0.078, 0.078),
    "texture:rain": (0.80, 0.80, 0.80, 0.80),
}
