"""What people and machines say when they answer, for the recordings of ``tests.media.recordings``.

Each list is cut in two: the first part may be looked at while thresholds are chosen, the second is only for the figures.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Texts:
    """Greetings in one language."""

    voices: tuple[str, ...]
    people: tuple[str, ...]
    machines: tuple[str, ...]
    companies: tuple[str, ...] = ()
    """People who say more than the default threshold allows."""


TUNING = (
    Texts(
        ("en-us", "en-us+f2", "en+m3", "en-us+m7", "en-us+robert"),
        (
            "Hello?",
            "Hello, this is Mary.",
            "Yes?",
            "Yes, John speaking.",
            "Good morning, Peterson residence.",
            "Hi!",
            "Who is this?",
            "Hello? Hello?",
        ),
        (
            "Hi, you have reached the voice mail of Robert Smith. I am not able to take your call right now. "
            "Please leave your name and number after the tone, and I will call you back.",
            "The person you are calling is not available. At the tone, please record your message.",
            "Hey, it's Anna. You know what to do. Leave me a message.",
            "Thank you for calling the dental practice. Our office is closed. Our hours are Monday to Friday, nine to five. "
            "If this is an emergency, hang up and call the hospital. Otherwise, please leave a message after the beep.",
        ),
        ("Thank you for calling Acme Hardware, this is Susan speaking, how may I help you today?",),
    ),
    Texts(
        ("de", "de+f3", "de+m2"),
        ("Hallo?", "Ja, bitte?", "Schmidt.", "Müller, guten Tag.", "Hallo, wer ist da?"),
        (
            "Guten Tag. Sie sind mit dem Anrufbeantworter von Familie Schneider verbunden. Wir sind zur Zeit nicht zu Hause. "
            "Bitte hinterlassen Sie uns eine Nachricht nach dem Signalton.",
            "Der gewünschte Gesprächspartner ist zur Zeit nicht erreichbar. Bitte rufen Sie später wieder an.",
        ),
        ("Guten Tag, Autohaus Wagner, mein Name ist Petra Lehmann, was kann ich für Sie tun?",),
    ),
    Texts(
        ("fr", "fr+f4", "fr+m1"),
        ("Allô ?", "Oui, allô ?", "Oui, bonjour.", "Allô, qui est à l'appareil ?"),
        (
            "Bonjour, vous êtes bien sur la messagerie de Claire Dubois. Je ne peux pas vous répondre pour le moment. "
            "Laissez-moi un message après le bip sonore, et je vous rappellerai.",
        ),
    ),
)

HELD_OUT = (
    Texts(
        ("en-gb-scotland+f1", "en-us+m4", "en-us+f5", "en-029+m1", "en-us+linda", "en-us+Michael"),
        (
            "Hello.",
            "Yeah, hello?",
            "This is David.",
            "Jones.",
            "Good afternoon, Carol here.",
            "Hi, it's me, what's up?",
            "Speaking.",
            "Yes, hello, who's calling please?",
        ),
        (
            "You've reached five five five, zero one two three. Nobody is home right now, so leave a message and have a nice day.",
            "Hello. This is Jennifer. I'm either on the other line or away from my desk. Please leave a detailed message, "
            "including the best time to reach you, and I'll return your call as soon as possible. Thank you.",
            "Your call has been forwarded to an automatic voice message system. The subscriber is not available. "
            "At the tone, please record your message. When you have finished recording, you may hang up, or press one for more "
            "options.",
            "The number you have dialed is not in service. Please check the number and dial again. This is a recording.",
        ),
        ("Good morning, you are speaking to Brian at Northern Insurance, may I take your policy number please?",),
    ),
    Texts(
        ("es", "es-419+f2", "es+m5"),
        ("¿Diga?", "¿Sí, dígame?", "¿Bueno?", "Hola, ¿quién habla?"),
        (
            "Hola, este es el buzón de voz de Carlos Hernández. En este momento no puedo atender su llamada. "
            "Por favor, deje su mensaje después de la señal.",
            "El teléfono al que llama está apagado o fuera de cobertura en este momento. Inténtelo más tarde.",
        ),
        ("Clínica Santa María, buenos días, le atiende Rosa, ¿en qué puedo ayudarle?",),
    ),
    Texts(
        ("it", "it+f3", "it+m6"),
        ("Pronto?", "Sì, pronto?", "Pronto, chi parla?"),
        ("Ciao, risponde la segreteria telefonica di Giulia. Non sono in casa. Lasciate un messaggio dopo il segnale acustico.",),
    ),
    Texts(
        ("nl", "nl+f4"),
        ("Hallo?", "Met Jan.", "Goedemorgen, met de Vries."),
        (
            "U bent verbonden met de voicemail van Pieter Bakker. Spreek uw bericht in na de piep, dan bel ik u zo snel mogelijk terug.",
        ),
    ),
    Texts(
        ("pl", "pl+f2"),
        ("Halo?", "Słucham?", "Tak, słucham."),
        ("Dzień dobry, tu poczta głosowa. Abonent jest czasowo niedostępny. Proszę zostawić wiadomość po sygnale.",),
    ),
    Texts(
        ("pt-br", "pt+f1"),
        ("Alô?", "Alô, quem fala?"),
        ("Você ligou para a caixa postal. Deixe a sua mensagem após o sinal. A chamada será cobrada após o sinal.",),
    ),
    Texts(
        ("ja", "ja+f3"),
        ("もしもし。", "はい、たなかです。"),
        (
            "ただいま でんわに でることが できません。ぴーという はっしんおんの あとに、おなまえと ごようけんを おはなしください。",
        ),
    ),
)
