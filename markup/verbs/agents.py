"""Whom Connect hands a call to: ConversationRelay, agents by their names, and a room that only Twilio has (spec section 2.13)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Config, Noun, Parameter


@dataclass(frozen=True, slots=True)
class Language(Noun):
    """How a ConversationRelay speaks and hears one language (section 2.13)."""

    code: str = ""
    """BCP 47, or ``multi``. Section 2.13."""
    tts_provider: str = ""
    """Who speaks; empty is the relay's. Section 2.13."""
    voice: str = ""
    """The provider's voice; empty is its own choice. Section 2.13."""
    transcription_provider: str = ""
    """Who hears; empty is the relay's. Section 2.13."""
    speech_model: str = ""
    """The provider's model; empty is its own choice. Section 2.13."""
    hints: str = ""
    """Words to expect, separated by commas. Section 2.13."""
    asr_smart_format: bool | None = None
    """As the relay's; None is what it says. Section 2.13."""
    tts_text_normalization: str = ""
    """``auto``, ``on`` or ``off``; empty is what the relay says. Section 2.13."""
    tts_language_text_normalization: bool | None = None
    """As the relay's; None is what it says. Section 2.13."""


@dataclass(frozen=True, slots=True)
class ConversationRelay(Noun):
    """A conversation in text over a WebSocket, heard and spoken here (section 2.13)."""

    url: str = ""
    """``wss://``, absolute. Section 2.13."""
    welcome_greeting: str = ""
    """Spoken at the start; empty is nothing. Section 2.13."""
    welcome_greeting_interruptible: str = "any"
    """What interrupts it: ``none``, ``dtmf``, ``speech`` or ``any``. Section 2.13."""
    language: str = "en-US"
    """BCP 47, spoken and heard. Section 2.13."""
    tts_language: str = ""
    """BCP 47, spoken; empty is ``language``. Section 2.13."""
    transcription_language: str = ""
    """BCP 47, heard; empty is ``language``. Section 2.13."""
    tts_provider: str = "ElevenLabs"
    """``Google``, ``Amazon``, ``ElevenLabs`` or an engine of this switch. Section 2.13."""
    voice: str = ""
    """The provider's voice; empty is its own choice. Section 2.13."""
    transcription_provider: str = "Deepgram"
    """``Google``, ``Deepgram`` or an engine of this switch. Section 2.13."""
    speech_model: str = ""
    """The provider's model; empty is its own choice. Section 2.13."""
    interruptible: str = "any"
    """What interrupts speech: ``none``, ``dtmf``, ``speech`` or ``any``. Section 2.13."""
    interrupt_sensitivity: str = "high"
    """``low``, ``medium`` or ``high``. Section 2.13."""
    dtmf_detection: bool = False
    """Whether keys are told. Section 2.13."""
    report_input_during_agent_speech: str = "none"
    """What is told while speech goes on uninterrupted: ``none``, ``dtmf``, ``speech`` or ``any``. Section 2.13."""
    preemptible: bool = False
    """Whether later text cuts off what is being spoken. Section 2.13."""
    partial_prompts: bool = False
    """Whether text that may still change is told. Section 2.13."""
    partial_prompt_on_hangup: bool = False
    """Whether unfinished text is told as a prompt at the hang-up. Section 2.13."""
    hints: str = ""
    """Words to expect, separated by commas. Section 2.13."""
    speech_timeout: str = "auto"
    """Milliseconds of silence that end an utterance, 600 to 5000, or ``auto``. Section 2.13."""
    ignore_backchannel: bool = False
    """Whether short agreement does not interrupt. Section 2.13."""
    background_noise_reduction: bool = False
    """Written by the SDK only. Section 2.13."""
    deepgram_smart_format: bool = True
    """Whether numbers and dates are written as such. Section 2.13."""
    asr_smart_format: bool | None = None
    """The same for every provider; None is ``deepgram_smart_format``. Section 2.13."""
    profanity_filter: bool = True
    """Whether swear words are masked. Section 2.13."""
    elevenlabs_text_normalization: str = "off"
    """``auto``, ``on`` or ``off``. Section 2.13."""
    tts_text_normalization: str = ""
    """The same for every provider; empty is ``elevenlabs_text_normalization``. Section 2.13."""
    tts_language_text_normalization: bool = False
    """Whether text is normalised by the rules of its language. Section 2.13."""
    elevenlabs_language_text_normalization: bool = False
    """The same, by its old name. Section 2.13."""
    debug: tuple[str, ...] = ()
    """Of ``debugging speaker-events tokens-played``. Section 2.13."""
    events: tuple[str, ...] = ()
    """Of ``speaker-events tokens-played``. Section 2.13."""
    include_in_prompt: tuple[str, ...] = ()
    """Of ``turn-state prompt-segments``. Section 2.13."""
    eot_threshold: float = 0.8
    """Certainty that ends a turn, 0.5 to 0.9. Section 2.13."""
    eager_eot_threshold: float = 0.0
    """Certainty that may end a turn, 0.3 to 0.9; 0 is none. Section 2.13."""
    turn_detection: bool = False
    """Whether turns are recognised, which they always are. Section 2.13."""
    echo_prompt_filtering: bool = False
    """Whether text that repeats what was spoken is left out. Section 2.13."""
    application_reconnect: bool = False
    """Whether a lost connection is made anew. Section 2.13."""
    customer_name: str = ""
    """Empty is the caller's number. Section 2.13."""
    intelligence_service: str = ""
    """SID or name; not of this switch. Section 2.13."""
    conversation_configuration: str = ""
    """Not of this switch. Section 2.13."""
    conversation_id: str = ""
    """Not of this switch. Section 2.13."""
    languages: tuple[Language, ...] = ()
    """Settings by language. Section 2.13."""
    parameters: tuple[Parameter, ...] = ()
    """Told to the far end at the start. Section 5.2."""


@dataclass(frozen=True, slots=True)
class Room(Noun):
    """A video room; Twilio's own (section 2.13)."""

    name: str = ""
    """Of the room."""
    participant_identity: str = ""
    """Of the caller in the room."""


@dataclass(frozen=True, slots=True)
class VirtualAgent(Noun):
    """An agent, of Dialogflow's with Twilio; here of the operator's (section 2.13)."""

    connector_name: str = ""
    """Which conversation profile."""
    language: str = ""
    """BCP 47."""
    sentiment_analysis: bool = False
    """Whether moods are told."""
    status_callback: str = ""
    """Where its progress is told; empty is nowhere."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``."""
    configs: tuple[Config, ...] = ()
    """Settings of the agent. Section 1.8."""
    parameters: tuple[Parameter, ...] = ()
    """Told to the agent. Section 1.8."""


@dataclass(frozen=True, slots=True)
class Conversation(Noun):
    """A conversation across channels with Twilio; here with an agent of the operator's (section 2.13)."""

    service_instance_sid: str = ""
    """Of the service."""
    inbound_autocreation: bool = False
    """Whether one is made for the call."""
    routing_assignment_timeout: int = 0
    """Seconds; 0 is the service's own."""
    inbound_timeout: int = 0
    """Seconds; 0 is the service's own."""
    url: str = ""
    """Document for the participants."""
    method: str = "POST"
    """GET or POST, for ``url``."""
    record: str = "do-not-record"
    """As of Dial. Section 2.7."""
    trim: str = "do-not-trim"
    """``trim-silence`` or ``do-not-trim``."""
    recording_status_callback: str = ""
    """Where the recording's progress is told; empty is nowhere."""
    recording_status_callback_method: str = "POST"
    """GET or POST, for ``recording_status_callback``."""
    recording_status_callback_event: tuple[str, ...] = ("completed",)
    """Of ``in-progress completed absent``."""
    status_callback: str = ""
    """Where its progress is told; empty is nowhere."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``."""
    status_callback_event: tuple[str, ...] = ()
    """Of ``call-initiated call-ringing call-answered call-completed``."""


@dataclass(frozen=True, slots=True)
class AiSession(Noun):
    """An agent, of an add-on with Twilio; here of the operator's (section 2.13)."""

    ai_connector: str = ""
    """Which add-on."""
    ai_session_configuration: str = ""
    """Which of its configurations."""


@dataclass(frozen=True, slots=True)
class ConversationRelaySession(Noun):
    """A ConversationRelay by configuration (section 2.13)."""

    connector: str = ""
    """Which connector."""
    session_configuration: str = ""
    """Which of its configurations."""


@dataclass(frozen=True, slots=True)
class Autopilot(Noun):
    """An assistant of Twilio's, retired; here one of the operator's (section 2.13)."""

    name: str = ""
    """Of the assistant."""
