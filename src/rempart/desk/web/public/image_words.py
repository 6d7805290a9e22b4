"""The voices of *protect my image*: a child under 13, two ages of young people, an adult, a parent, a professional.

In French a young person is said *tu*; such strings have the context "to a child", whatever her age.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.rules.protection import Age, Helper
from rempart.desk.web.shared.words import Words


class Voice(StrEnum):
    """Who reads the page."""

    UNDER_13 = "under_13"
    FROM_13_TO_15 = "13_15"
    FROM_16_TO_17 = "16_17"
    ADULT = "adult"
    PARENT = "parent"
    PROFESSIONAL = "professional"


def voice_of(age: Age, helper: Helper) -> Voice:
    """The one who holds the device reads; her age says how."""
    return Voice(age.value) if helper is Helper.NOBODY else Voice(helper.value)


def is_young(voice: Voice) -> bool:
    """Whether she is said *tu*."""
    return voice in {Voice.UNDER_13, Voice.FROM_13_TO_15, Voice.FROM_16_TO_17}


# What each voice says on the page where pictures are chosen.

_OWN: dict[str, Words] = {
    "title": _("Choose your pictures"),
    "lead": _("It is not your fault, and the pictures stay on this device. We only receive codes made from them."),
    "button": _("Protect my pictures"),
}
_CHILD: dict[str, Words] = {
    "title": pgettext_lazy("to a child", "Choose your pictures"),
    "button": _("Protect my pictures"),
}
_FOR_A_CHILD: dict[str, Words] = {
    "title": _("Choose the pictures"),
    "button": _("Protect these pictures"),
}
PAGE: dict[Voice, dict[str, Words]] = {
    Voice.UNDER_13: _CHILD
    | {
        "lead": pgettext_lazy(
            "to a child", "You did nothing wrong. The picture stays here, on this device. We never see it: we only get a code."
        ),
        "advice": pgettext_lazy(
            "to a child", "Is there a grown-up you trust? It is easier with two. You can also do it alone, if you prefer."
        ),
    },
    Voice.FROM_13_TO_15: _CHILD
    | {
        "lead": pgettext_lazy(
            "to a child", "It is not your fault. Your pictures stay on this device: nobody here sees them. We only receive codes."
        ),
    },
    Voice.FROM_16_TO_17: _CHILD
    | {
        "lead": pgettext_lazy(
            "to a child",
            "Whatever happened before, nobody has the right to spread a picture of you. It stays on this device: "
            "we only receive codes.",
        ),
    },
    Voice.ADULT: _OWN,
    Voice.PARENT: _FOR_A_CHILD
    | {
        "lead": _(
            "Best done together with your child, on the device where the picture is. Tell them that it is not their fault."
        ),
        "advice": _(
            "Do not ask your child to send you the picture, and do not copy it. Note the address, the account, the date."
        ),
    },
    Voice.PROFESSIONAL: _FOR_A_CHILD
    | {
        "lead": _("Best done together with the young person, on the device where the picture is."),
        "advice": _(
            "Do not ask to be sent the picture, and do not copy it: neither to your own device nor to your files. "
            "For a child in danger, or who could be: the 119, or the CRIP of the département. Danger now: the 17."
        ),
    },
}

# What the frame says: controls, in words that suit everybody. {n} and {name} are filled in by the frame itself.

_FRAME: dict[str, Words] = {
    "title": _("Choose files"),
    "choose": _("Choose pictures or videos"),
    "files": _("Pictures and videos chosen"),
    "hide_previews": _("Hide the blurred shapes"),
    "also_cropped": _("Also recognise copies that were cut or framed"),
    "also_cropped_hint": _("Makes a few more codes of each picture. Without them, only copies that look the same are found."),
    "exact_codes": _("See exactly what will be sent"),
    "picture": _("Picture {n}"),
    "video": _("Video {n}"),
    "waiting": _("Waiting"),
    "working": _("The code is being made"),
    "working_on": _("{name}: the code is being made"),
    "done": _("Ready. Codes made: {n}"),
    "done_plain": _("Ready. This picture is very plain: only exact copies will be found."),
    "long_video": _("It is very long: only its first hour was read."),
    "all_done": _("Everything is ready: {n}"),
    "none_done": _("Nothing is ready yet."),
    "not_heard": _(
        "The codes are made, but this page did not load whole: they cannot be sent from it. Reload it, and choose again."
    ),
    "remove": _("Take away"),
    "removed": _("{name} was taken away"),
    "seconds_left": _("About {n} s left"),
    "minutes_left": _("About {n} min left"),
    "too_many": _("20 at once is the most. The others were not taken: they can be added afterwards."),
    "doubtful": _(
        "This browser alters pictures, to protect those who use it: the codes would be wrong. So we stopped, and nothing was "
        "sent. Firefox, Chrome or Safari with their ordinary settings can do it."
    ),
    "failed_unreadable": _("This file could not be read here. It was left out, so that no wrong code is sent."),
    "failed_transparent": _("This picture is partly see-through. It was left out, so that no wrong code is sent."),
    "failed_colours": _("This picture has colours made for printing. It was left out, so that no wrong code is sent."),
    "failed_too_large": _("This picture has too many pixels to be read surely here. It was left out."),
    "failed_video": _("This browser cannot play this video. Another one perhaps can. It was left out."),
    "failed_same": _("This one is already in the list."),
    "failed_too_much": _("With this one it is too much at once. It was left out: it can be added afterwards."),
}
_FRAME_YOUNG: dict[str, Words] = {
    "choose": pgettext_lazy("to a child", "Choose pictures or videos"),
    "doubtful": pgettext_lazy(
        "to a child",
        "This browser alters pictures, to protect you: the codes would be wrong. So we stopped, and nothing was sent. "
        "Try with Firefox, Chrome or Safari, with their ordinary settings.",
    ),
}
_SAVED: dict[str, Words] = {
    "saved_heading": _("Make the codes without the network"),
    "saved_about": _("This page makes codes from pictures. The pictures stay on this device."),
    "saved_offline": _("It works without the network: cut it first, then choose."),
    "saved_not_running": _("This page does not run here. It has to be opened in a browser: Firefox, Chrome or Safari."),
    "codes_to_copy": _("The codes to copy"),
    "copy": _("Copy the codes"),
    "copied": _("The codes are copied."),
    "copy_by_hand": _("Select the codes and copy them by hand."),
    "saved_after": _(
        "Then, on the site, under “Do it without the network”, paste the codes. This file can be erased afterwards."
    ),
}


def frame_words(voice: Voice) -> dict[str, str]:
    """Every sentence of the frame, in the language of the page."""
    chosen = {**_FRAME, **(_FRAME_YOUNG if is_young(voice) else {})}
    return {name: str(words) for name, words in chosen.items()}


def saved_name() -> str:
    """What the saved document is called, on a disk that others may look at."""
    return str(_("advice"))


def saved_words() -> dict[str, str]:
    """Every sentence of the saved document: the same for everybody."""
    return {name: str(words) for name, words in {**_FRAME, **_SAVED}.items()}
