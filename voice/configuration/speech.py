"""Who speaks and who listens."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from voice.configuration.section import Section

EngineVoice = Annotated[str, Field(min_length=2, pattern=r"^([A-Za-z0-9-]*(\+.+)?|[A-Za-z0-9-]+:[A-Za-z0-9._/-]+)$")]


EngineLanguage = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+(:[A-Za-z0-9._/-]+)?$")]


class Media(Section):
    """The bus."""

    sample_rate: Literal[8000, 16000] = 8000
    detect_inband_digits: bool = False
    """Also listen for dual tones in the audio, for callers whose phone sends no RFC 4733 events."""


class SpeechEngines(Section):
    """Which engines speak and listen, and in which voices."""

    tts: Literal["espeak"] = "espeak"
    asr: str = "pocketsphinx"
    """Who listens: ``pocketsphinx``, which is built in and understands English, or the name of a ``[[recognizer]]``."""
    voice: str = "man"
    """Of a Say that names none: ``man``, ``woman``, ``Polly.*``, ``Google.*`` or a key of ``voices``."""
    language: str = "en-US"
    """BCP 47, of a Say that names none, unless its voice has one of its own."""
    voices: dict[str, EngineVoice] = Field(default_factory=dict)
    """Voices of TwiML, by name, as voices of the engine: ``"Polly.Joanna" = "en-us+f4"``. A value that is only a variant
    (``"+f4"``) goes with the language of each Say."""
    languages: dict[str, EngineLanguage] = Field(default_factory=dict)
    """Languages, by BCP 47 tag, as languages of the engine: ``"de-AT" = "de"``."""
    cache_megabytes: int = Field(256, ge=0, le=100_000)
    """How much speech is kept in ``data_dir``, over restarts; 0: none."""


class Synthesizer(Section):
    """An engine that speaks beside the built-in one; its voices are ``name:voice`` in the tables of ``[speech]``."""

    name: str = Field(pattern=r"^[A-Za-z0-9-]{1,60}$")
    engine: Literal["http", "piper"] = "http"
    """``http`` is any server with ``/v1/audio/speech``."""
    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """http: the server."""
    model: str = ""
    """piper: the file of a voice, ``*.onnx``. http: the name of a model."""
    voice: str = Field("alloy", pattern=r"^[A-Za-z0-9._/-]+$")
    """Who speaks where this one is chosen by name and no voice is: ``ttsProvider`` of ``<ConversationRelay>``."""
    api_key: str = ""
    """http: sent as a bearer token; empty: none."""
    sample_rate: int = Field(24_000, ge=8_000, le=48_000)
    """http: of the raw samples (``pcm``) that it answers with."""

    @model_validator(mode="after")
    def _check_place(self) -> Synthesizer:
        needed = "url" if self.engine == "http" else "model"
        if not getattr(self, needed):
            raise ValueError(f"a synthesizer of the engine {self.engine!r} needs {needed}")
        return self


class Recognizer(Section):
    """An engine that understands what callers say, beside the built-in one or in its place."""

    name: str = Field(min_length=1, max_length=60)
    engine: Literal["vosk", "whisper", "http"]
    """``http`` is any server with ``/v1/audio/transcriptions``."""
    model: str = ""
    """vosk, whisper: the folder of a model. http: the name of one."""
    url: str = Field("", pattern=r"^(https?://\S+)?$")
    """http: the server."""
    api_key: str = ""
    """http: sent as a bearer token; empty: none."""
    languages: tuple[EngineLanguage, ...] = ()
    """BCP 47 or the first part of it, of callers who are always understood by this one; empty: any, when it is ``asr``."""
    speech_models: tuple[str, ...] = ()
    """``speechModel`` of ``<Gather>`` that chooses this one."""
    processes: int = Field(1, ge=1, le=32)
    """Each loads the model."""

    @model_validator(mode="after")
    def _check_place(self) -> Recognizer:
        needed = "url" if self.engine == "http" else "model"
        if not getattr(self, needed):
            raise ValueError(f"a recognizer of the engine {self.engine!r} needs {needed}")
        return self
