"""faster-whisper with a model that is made here: tiny and without sense, but loaded and run like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest
from ctranslate2.specs import WhisperSpec
from tokenizers import Tokenizer
from tokenizers.decoders import ByteLevel as ByteLevelDecoder
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from media.errors import EngineMissing, RecognitionFailed
from media.recognition.engine import ANY_LANGUAGE, Task, Transcript
from media.recognition.whisper import Whisper

LAYERS, HEADS, WIDTH, MELS, POSITIONS, TEXT_POSITIONS = 1, 1, 16, 80, 1500, 448
SPECIAL = (
    "<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
    "<|startofprev|>", "<|nocaptions|>", "<|nospeech|>", "<|notimestamps|>", *(f"<|{number / 50:.2f}|>" for number in range(1501)),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of one layer and random weights."""
    path = tmp_path_factory.mktemp("whisper")
    vocabulary = {sign: number for number, sign in enumerate(sorted(ByteLevel.alphabet()))}
    tokenizer = Tokenizer(BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer, tokenizer.decoder = ByteLevel(add_prefix_space=False), ByteLevelDecoder()
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.save(str(path / "tokenizer.json"))
    tokens = [token for token, _ in sorted(tokenizer.get_vocab().items(), key=lambda pair: pair[1])]
    spec = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    _fill(spec, len(tokens))
    spec.register_vocabulary(tokens)
    spec.config.lang_ids = [tokens.index("<|en|>"), tokens.index("<|de|>")]
    spec.config.alignment_heads = [(0, 0)]
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], []
    spec.validate()
    spec.save(str(path))
    (path / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS}))
    return path


def _fill(spec: Any, tokens: int) -> None:
    random = np.random.default_rng(0)

    def normal(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
        return (0.1 * random.normal(size=shape)).astype(np.float32)

    def linear(layer: Any, outputs: int, inputs: int = WIDTH) -> None:
        layer.weight, layer.bias = normal(outputs, inputs), np.zeros(outputs, np.float32)

    def norm(layer: Any) -> None:
        layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)

    def attention(layer: Any, *outputs: int) -> None:
        norm(layer.layer_norm)
        for part, size in zip(layer.linear, outputs, strict=True):
            linear(part, size)

    for conv, channels in ((spec.encoder.conv1, MELS), (spec.encoder.conv2, WIDTH)):
        conv.weight, conv.bias = normal(WIDTH, channels, 3), np.zeros(WIDTH, np.float32)
    spec.encoder.position_encodings.encodings = normal(POSITIONS, WIDTH)
    spec.decoder.position_encodings.encodings = normal(TEXT_POSITIONS, WIDTH)
    spec.decoder.embeddings.weight = normal(tokens, WIDTH)
    spec.decoder.projection.weight = spec.decoder.embeddings.weight
    spec.decoder.scale_embeddings = False
    for stack in (spec.encoder, spec.decoder):
        norm(stack.layer_norm)
        for layer in stack.layer:
            attention(layer.self_attention, 3 * WIDTH, WIDTH)
            if stack is spec.decoder:
                attention(layer.attention, WIDTH, 2 * WIDTH, WIDTH)
            norm(layer.ffn.layer_norm)
            linear(layer.ffn.linear_0, 4 * WIDTH)
            linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH)


def test_a_model_folder_is_loaded_and_understands_something(folder: Path) -> None:
    assert ctranslate2.contains_model(str(folder))
    engine = Whisper(str(folder), compute_type="float32")
    recognition = engine.open(Task(8000, "en-US", ("yes", "no")))
    recognition.hear((3000 * np.sin(np.arange(8000) / 3)).astype(np.int16))
    assert recognition.words() == ""
    transcript = recognition.finish()
    assert isinstance(transcript, Transcript)
    assert transcript.confidence is None or 0 <= transcript.confidence <= 1


def test_the_language_can_be_found_out(folder: Path) -> None:
    engine = Whisper(str(folder), compute_type="float32")
    recognition = engine.open(Task(8000, ANY_LANGUAGE))
    recognition.hear((3000 * np.sin(np.arange(8000) / 3)).astype(np.int16))
    transcript = recognition.finish()
    assert transcript == Transcript() or transcript.language in ("en", "de")


def test_nothing_heard_is_nothing_said(folder: Path) -> None:
    engine = Whisper(str(folder), compute_type="float32")
    assert engine.open(Task()).finish() == Transcript()


def test_a_language_that_the_model_lacks_is_refused(folder: Path) -> None:
    engine = Whisper(str(folder), compute_type="float32")
    with pytest.raises(RecognitionFailed, match="does not know 'xx-XX'"):
        engine.open(Task(8000, "xx-XX"))


def test_a_folder_without_a_model_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        EngineMissing, match=r"is no model folder for faster-whisper: it has no model.bin, config.json, tokenizer.json"
    ):
        Whisper(str(tmp_path))


def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    with pytest.raises(EngineMissing, match="cannot be loaded"):
        Whisper(str(tmp_path))
