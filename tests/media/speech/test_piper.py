"""piper with a voice that is made here: it says the same short sound for each phoneme, but is loaded and run like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from media.errors import EngineMissing, SpeechFailed
from media.speech.ensemble import Ensemble
from media.speech.espeak import Espeak
from media.speech.phrases import Phrase, Piece
from media.speech.piper import Piper
from voice.errors import SettingsInvalid
from voice.settings import Synthesizer
from voice.sound.engines import make_synthesizers

RATE, HOP = 16_000, 80
PHONEMES = "_^$ .,abcdefghijklmnoprstuvwzæðŋɐɑɔəɚɛɜɡɪɹʃʊʌʒˈˌːθ"


def write_voice(path: Path, speakers: dict[str, int] | None = None) -> Path:
    """Of every phoneme there are ``HOP`` samples, four times, or more and less often for other speeds."""
    speakers = speakers or {}
    wave = np.sin(np.arange(HOP) * 2 * np.pi / 20).astype(np.float32)
    constants: dict[str, np.ndarray[Any, np.dtype[Any]]] = {
        "wave": wave.reshape(1, HOP),
        "column": np.array([-1, 1], np.int64),
        "flat": np.array([1, 1, 1, -1], np.int64),
        "second": np.array([1], np.int64),
        "four": np.array([4], np.float32),
        "one": np.array([1], np.int64),
    }
    nodes = [
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Sign", ["ids"], ["some"]),
        helper.make_node("Reshape", ["some", "column"], ["rows"]),
        helper.make_node("MatMul", ["rows", "wave"], ["sounds"]),
        helper.make_node("Gather", ["scales", "second"], ["scale"]),
        helper.make_node("Mul", ["scale", "four"], ["times"]),
        helper.make_node("Cast", ["times"], ["count"], to=TensorProto.INT64),
        helper.make_node("Concat", ["one", "count"], ["repeats"], axis=0),
        helper.make_node("Tile", ["sounds", "repeats"], ["long"]),
        helper.make_node("Reshape", ["long", "flat"], ["output"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, None]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        *([helper.make_tensor_value_info("sid", TensorProto.INT64, [1])] if speakers else []),
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, 1, 1, None])
    graph = helper.make_graph(
        nodes, "voice", inputs, [output], [onnx.numpy_helper.from_array(array, name) for name, array in constants.items()]
    )
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    described = {
        "audio": {"sample_rate": RATE},
        "espeak": {"voice": "en-us"},
        "num_symbols": 256,
        "num_speakers": max(1, len(speakers)),
        "speaker_id_map": speakers,
        "phoneme_id_map": {sign: [number] for number, sign in enumerate(PHONEMES)},
    }
    Path(f"{path}.json").write_text(json.dumps(described), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_voice(tmp_path_factory.mktemp("piper") / "one.onnx")


def phrase(text: str, rate: float = 1.0) -> Phrase:
    return Phrase((Piece(text, rate=rate),))


def length(engine: Piper, text: str, rate: float = 1.0) -> int:
    return sum(samples.size for samples in engine.speak(phrase(text, rate), "default"))


def test_a_voice_speaks_sentence_by_sentence(voice: Path) -> None:
    engine = Piper(str(voice))
    assert engine.rate == RATE
    one, two = engine.speak(phrase("Good day. How are you?"), "default")
    assert one.dtype == two.dtype == np.int16
    assert min(one.size, two.size) >= 10 * HOP
    assert 25_000 < np.abs(one.astype(int)).max() < 32_000


def test_longer_texts_and_slower_ones_take_longer(voice: Path) -> None:
    engine = Piper(str(voice))
    assert length(engine, "Good day to you all") > length(engine, "Good day")
    assert length(engine, "Good day", 0.5) == 2 * length(engine, "Good day")


def test_nothing_in_a_text_is_a_command(voice: Path) -> None:
    """What stands between double brackets would be taken for phonemes."""
    engine = Piper(str(voice))
    assert length(engine, "[[aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]]") != 34 * 4 * HOP
    assert length(engine, "") == 0


def test_speakers_by_name_and_by_number(tmp_path: Path) -> None:
    engine = Piper(str(write_voice(tmp_path / "two.onnx", {"ann": 0, "bob": 1})))
    for name in ("ann", "bob", "1"):
        assert list(engine.speak(phrase("Hello"), name))
    for name in ("carl", "2", "-1"):
        with pytest.raises(SpeechFailed, match="no speaker"):
            list(engine.speak(phrase("Hello"), name))


def test_among_other_engines(voice: Path) -> None:
    others = make_synthesizers([Synthesizer(name="local", engine="piper", model=str(voice))])
    ensemble = Ensemble(Espeak(), others, 8000)
    assert ensemble.has("local:default")
    samples = np.concatenate(list(ensemble.speak(phrase("Good day."), "local:default")))
    assert samples.size > ensemble.rate // 4


def test_what_is_no_voice_is_one_clear_sentence(tmp_path: Path, voice: Path) -> None:
    half = tmp_path / "half.onnx"
    half.write_bytes(voice.read_bytes())
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    Path(f"{broken}.json").write_text(Path(f"{voice}.json").read_text())
    garbled = write_voice(tmp_path / "garbled.onnx")
    Path(f"{garbled}.json").write_text("{}")
    for path, said in (
        (tmp_path / "none.onnx", "there is no"),
        (half, "half.onnx.json"),
        (broken, "cannot be loaded"),
        (garbled, "cannot be loaded"),
    ):
        with pytest.raises(EngineMissing, match=said):
            Piper(str(path))
        with pytest.raises(SettingsInvalid, match="synthesizer 'local': piper: "):
            make_synthesizers([Synthesizer(name="local", engine="piper", model=str(path))])


def test_each_engine_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="'piper' needs model"):
        Synthesizer(name="local", engine="piper")
    with pytest.raises(ValueError, match="'http' needs url"):
        Synthesizer(name="local")
