"""What the owner's page says, in the languages of the call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

Texts = Mapping[str, str]

_ENGLISH: Texts = {
    "title": "Confirm your telephone number",
    "asks": "{customer} asks to send and receive text messages with the number {number}.",
    "why": (
        "Your voice service does not change. Before that, somebody at this number has to agree in "
        "a short telephone call, which this page starts."
    ),
    "speaks": "The call is in {language}.",
    "how": "How it goes",
    "how_near": "Be near the phone with the number {number}.",
    "how_call": "Start the call here. The phone rings a few seconds later: answer it.",
    "how_key": "The call says who asks and what for. Press the key that it names to agree.",
    "how_code": "A code of six digits appears on this page. Type it on the phone.",
    "how_spoken": "The call then speaks six digits. Give them to {customer}.",
    "call": "Call me now",
    "again": "Call me again",
    "left": "Calls left: {count} of {most}.",
    "later": "Call me at another time",
    "at": "Day and time",
    "zone": "Time zone",
    "later_button": "Call me at this time",
    "planned": "We call {number} on {time}.",
    "planned_zone": "Time zone: {zone}. That is in {wait}. Keep this page, or open it again then.",
    "forget": "Do not call me then",
    "code": "Your code",
    "code_text": "Type it on the phone when the call asks for it. Tell it to nobody.",
    "menu": "If a menu or a receptionist answers",
    "menu_keys": (
        "The call presses these keys by itself to reach you: {keys}. You need not press them. "
        "If your phone stays silent, tell {customer} that the call did not get through the menu."
    ),
    "menu_none": (
        "Ask whoever answers to put the call through to you: it repeats what it says and waits. If "
        "a recorded menu answers, tell {customer} which keys lead to your phone; the next call "
        "presses them by itself."
    ),
    "refuse": "To refuse, press the star key (*) on the phone.",
    "not_mine": "This is not my number",
    "not_mine_text": (
        "Then nobody is called, the request stops, and {customer} is told. This link stops working."
    ),
    "not_mine_button": "It is not my number",
    "look": "Show how it stands now",
    "lost": "This page has lost the server. If your phone rings, answer it all the same.",
    "progress": "The call, step by step",
    "step_done": "done",
    "step_asked": "Call started",
    "step_rings": "Phone rings",
    "step_answered": "Answered",
    "step_key": "Key heard",
    "step_code": "Code accepted",
    "step_told": "Code spoken",
    "csrf": (
        "Nothing was done: this page was open for too long, or your browser takes no cookies. "
        "Please try again."
    ),
    "time_form": "Choose a day and a time.",
    "time_past": "Choose a time between now and {until}.",
    "time_gap": "There is no such time on that day: the clocks are put forward. Choose another.",
    # How it stands
    "checking": "We are still looking at the line. This page goes on by itself.",
    "ready": "When you are near the phone, start the call.",
    "asked": "Your phone rings in a moment. Stay near it.",
    "dialling": "We are calling. Your phone rings in a moment.",
    "rings": "Your phone is ringing: answer it.",
    "key": "Listen to the call, and press the key that it names to agree.",
    "wrong_key": "That was another key. The call now asks for more than one: press them in order.",
    "enter": "Now type the code on the phone.",
    "wrong_code": "That was not the code. Type it once more.",
    "verified": "Thank you. The number is verified. You can close this page.",
    "stopped": "This request has stopped. If you want to go on, ask {customer}.",
    "used": "All calls of this request have been made. If you want to go on, ask {customer}.",
    "silent": "This number is called by nobody for a while, since a call to it was refused.",
    # How the last call ended
    "declined": "The call was refused with the star key. The number will not be called again.",
    "wrong-code": "The code was wrong too often in this call.",
    "no-code": "The call was answered, but no code was typed.",
    "expired": "The code expired. The next call has a new one.",
    "voicemail": "A recording or a menu answered, or nobody pressed the key.",
    "hung-up": "The call ended before the code was typed.",
    "busy": "The line was busy.",
    "no-answer": "Nobody answered the phone.",
    "failed": "The call could not be completed.",
    "canceled": "The call was canceled.",
    "refused": "The telephone company did not put the call through.",
    "blocked": "This number cannot be called at present.",
    "lost-call": "The call could not be made. It does not count.",
    "spoken": "The call has spoken the code. Give it to {customer}.",
    # Why a call was not made
    "late": "The call at the time that you chose could not be made. Please choose again.",
    "no-calls": "No calls are made at present. Please try again in a few minutes.",
    "budget": "Enough calls were made for today. Please try again tomorrow.",
    "moved": "The call could not be made. Look at how it stands now.",
}

_FRENCH: Texts = {
    "title": "Confirmez votre numéro de téléphone",
    "asks": (
        "{customer} demande à envoyer et à recevoir des messages texte avec le numéro {number}."
    ),
    "why": (
        "Votre service vocal ne change pas. Il faut d’abord que quelqu’un à ce numéro donne son "
        "accord lors d’un court appel, que cette page lance."
    ),
    "speaks": "L’appel est en {language}.",
    "how": "Comment cela se passe",
    "how_near": "Soyez près du téléphone qui a le numéro {number}.",
    "how_call": "Lancez l’appel ici. Le téléphone sonne quelques secondes après : répondez.",
    "how_key": "L’appel dit qui demande, et quoi. Appuyez sur la touche nommée pour accepter.",
    "how_code": "Un code à six chiffres apparaît sur cette page. Tapez-le au téléphone.",
    "how_spoken": "L’appel dicte ensuite six chiffres. Donnez-les à {customer}.",
    "call": "Appelez-moi maintenant",
    "again": "Rappelez-moi",
    "left": "Appels restants : {count} sur {most}.",
    "later": "Appelez-moi à un autre moment",
    "at": "Jour et heure",
    "zone": "Fuseau horaire",
    "later_button": "Appelez-moi à ce moment",
    "planned": "Nous appelons le {number} {time}.",
    "planned_zone": (
        "Fuseau horaire : {zone}. C’est dans {wait}. Gardez cette page, ou rouvrez-la à ce moment."
    ),
    "forget": "Ne m’appelez pas à ce moment",
    "code": "Votre code",
    "code_text": "Tapez-le au téléphone quand l’appel le demande. Ne le dites à personne.",
    "menu": "Si un menu ou la réception répond",
    "menu_keys": (
        "L’appel appuie lui-même sur ces touches pour vous joindre : {keys}. Vous n’avez pas à le "
        "faire. Si votre téléphone ne sonne pas, dites à {customer} que l’appel n’a pas passé le "
        "menu."
    ),
    "menu_none": (
        "Demandez à qui répond de vous passer l’appel : il répète ce qu’il dit et attend. Si un "
        "menu enregistré répond, dites à {customer} quelles touches mènent à votre téléphone ; "
        "l’appel suivant y appuiera lui-même."
    ),
    "refuse": "Pour refuser, appuyez sur l’étoile (*) au téléphone.",
    "not_mine": "Ce n’est pas mon numéro",
    "not_mine_text": (
        "Alors personne n’est appelé, la demande s’arrête et {customer} en est averti. Ce lien ne "
        "sert plus."
    ),
    "not_mine_button": "Ce n’est pas mon numéro",
    "look": "Montrer où cela en est",
    "lost": "Cette page a perdu le serveur. Si votre téléphone sonne, répondez quand même.",
    "progress": "L’appel, étape par étape",
    "step_done": "fait",
    "step_asked": "Appel lancé",
    "step_rings": "Sonnerie",
    "step_answered": "Réponse",
    "step_key": "Touche entendue",
    "step_code": "Code accepté",
    "step_told": "Code dicté",
    "csrf": (
        "Rien n’a été fait : cette page est restée ouverte trop longtemps, ou votre navigateur "
        "refuse les témoins. Réessayez."
    ),
    "time_form": "Choisissez un jour et une heure.",
    "time_past": "Choisissez un moment entre maintenant et {until}.",
    "time_gap": (
        "Cette heure n’existe pas ce jour-là : on avance les horloges. Choisissez-en une autre."
    ),
    "checking": "Nous vérifions encore la ligne. Cette page continue d’elle-même.",
    "ready": "Quand vous êtes près du téléphone, lancez l’appel.",
    "asked": "Votre téléphone sonne dans un instant. Restez près de lui.",
    "dialling": "Nous appelons. Votre téléphone sonne dans un instant.",
    "rings": "Votre téléphone sonne : répondez.",
    "key": "Écoutez l’appel et appuyez sur la touche nommée pour accepter.",
    "wrong_key": (
        "C’était une autre touche. L’appel en demande maintenant plusieurs : appuyez dans l’ordre."
    ),
    "enter": "Tapez maintenant le code au téléphone.",
    "wrong_code": "Ce n’était pas le code. Tapez-le encore une fois.",
    "verified": "Merci. Le numéro est vérifié. Vous pouvez fermer cette page.",
    "stopped": "Cette demande est arrêtée. Pour continuer, adressez-vous à {customer}.",
    "used": (
        "Tous les appels de cette demande ont été faits. Pour continuer, adressez-vous à "
        "{customer}."
    ),
    "silent": "Personne n’appelle ce numéro pour un temps : un appel y a été refusé.",
    "declined": "L’appel a été refusé avec l’étoile. Le numéro ne sera plus appelé.",
    "wrong-code": "Le code a été faux trop souvent dans cet appel.",
    "no-code": "L’appel a été pris, mais aucun code n’a été tapé.",
    "expired": "Le code a expiré. L’appel suivant en a un nouveau.",
    "voicemail": "Un enregistrement ou un menu a répondu, ou personne n’a appuyé sur la touche.",
    "hung-up": "L’appel a pris fin avant que le code soit tapé.",
    "busy": "La ligne était occupée.",
    "no-answer": "Personne n’a répondu au téléphone.",
    "failed": "L’appel n’a pas abouti.",
    "canceled": "L’appel a été annulé.",
    "refused": "La compagnie de téléphone n’a pas transmis l’appel.",
    "blocked": "Ce numéro ne peut pas être appelé en ce moment.",
    "lost-call": "L’appel n’a pas pu être fait. Il ne compte pas.",
    "spoken": "L’appel a dicté le code. Donnez-le à {customer}.",
    "late": "L’appel au moment choisi n’a pas pu être fait. Choisissez de nouveau.",
    "no-calls": "Aucun appel n’est fait en ce moment. Réessayez dans quelques minutes.",
    "budget": "Il y a eu assez d’appels aujourd’hui. Réessayez demain.",
    "moved": "L’appel n’a pas pu être fait. Regardez où cela en est.",
}

_SPANISH: Texts = {
    "title": "Confirme su número de teléfono",
    "asks": "{customer} pide enviar y recibir mensajes de texto con el número {number}.",
    "why": (
        "Su servicio de voz no cambia. Antes, alguien en este número tiene que dar su acuerdo en "
        "una breve llamada, que esta página inicia."
    ),
    "speaks": "La llamada es en {language}.",
    "how": "Cómo funciona",
    "how_near": "Esté cerca del teléfono con el número {number}.",
    "how_call": "Inicie la llamada aquí. El teléfono suena unos segundos después: conteste.",
    "how_key": "La llamada dice quién pide y para qué. Oprima la tecla que nombra para aceptar.",
    "how_code": "En esta página aparece un código de seis dígitos. Márquelo en el teléfono.",
    "how_spoken": "La llamada dicta después seis dígitos. Déselos a {customer}.",
    "call": "Llámenme ahora",
    "again": "Llámenme otra vez",
    "left": "Llamadas restantes: {count} de {most}.",
    "later": "Llámenme en otro momento",
    "at": "Día y hora",
    "zone": "Zona horaria",
    "later_button": "Llámenme a esta hora",
    "planned": "Llamamos al {number} {time}.",
    "planned_zone": (
        "Zona horaria: {zone}. Es dentro de {wait}. Deje esta página abierta o ábrala entonces."
    ),
    "forget": "No me llamen a esa hora",
    "code": "Su código",
    "code_text": "Márquelo en el teléfono cuando la llamada lo pida. No se lo diga a nadie.",
    "menu": "Si contesta un menú o la recepción",
    "menu_keys": (
        "La llamada oprime por sí misma estas teclas para encontrarle: {keys}. Usted no tiene que "
        "oprimirlas. Si su teléfono no suena, diga a {customer} que la llamada no pasó el menú."
    ),
    "menu_none": (
        "Pida a quien conteste que le pase la llamada: repite lo que dice y espera. Si contesta un "
        "menú grabado, diga a {customer} qué teclas llevan a su teléfono; la próxima llamada las "
        "oprime por sí misma."
    ),
    "refuse": "Para rechazar, oprima la tecla de asterisco (*) en el teléfono.",
    "not_mine": "Este número no es mío",
    "not_mine_text": (
        "Entonces no se llama a nadie, la solicitud se detiene y se avisa a {customer}. Este "
        "enlace deja de servir."
    ),
    "not_mine_button": "El número no es mío",
    "look": "Mostrar cómo está ahora",
    "lost": "Esta página ha perdido el servidor. Si su teléfono suena, conteste de todos modos.",
    "progress": "La llamada, paso a paso",
    "step_done": "hecho",
    "step_asked": "Llamada iniciada",
    "step_rings": "Suena",
    "step_answered": "Contestada",
    "step_key": "Tecla oída",
    "step_code": "Código aceptado",
    "step_told": "Código dictado",
    "csrf": (
        "No se ha hecho nada: esta página estuvo abierta demasiado tiempo, o su navegador no "
        "acepta cookies. Inténtelo de nuevo."
    ),
    "time_form": "Elija un día y una hora.",
    "time_past": "Elija una hora entre ahora y {until}.",
    "time_gap": "Esa hora no existe ese día: se adelantan los relojes. Elija otra.",
    "checking": "Todavía miramos la línea. Esta página sigue por sí misma.",
    "ready": "Cuando esté cerca del teléfono, inicie la llamada.",
    "asked": "Su teléfono suena en un momento. Quédese cerca.",
    "dialling": "Estamos llamando. Su teléfono suena en un momento.",
    "rings": "Su teléfono está sonando: conteste.",
    "key": "Escuche la llamada y oprima la tecla que nombra para aceptar.",
    "wrong_key": "Esa fue otra tecla. La llamada pide ahora más de una: oprímalas en orden.",
    "enter": "Marque ahora el código en el teléfono.",
    "wrong_code": "Ese no era el código. Márquelo una vez más.",
    "verified": "Gracias. El número está verificado. Puede cerrar esta página.",
    "stopped": "Esta solicitud se detuvo. Si quiere seguir, pregunte a {customer}.",
    "used": (
        "Se han hecho todas las llamadas de esta solicitud. Si quiere seguir, pregunte a "
        "{customer}."
    ),
    "silent": "Nadie llama a este número por un tiempo, porque se rechazó una llamada.",
    "declined": "La llamada se rechazó con el asterisco. No se volverá a llamar al número.",
    "wrong-code": "El código fue incorrecto demasiadas veces en esta llamada.",
    "no-code": "Se contestó la llamada, pero no se marcó ningún código.",
    "expired": "El código venció. La próxima llamada tiene uno nuevo.",
    "voicemail": "Contestó una grabación o un menú, o nadie oprimió la tecla.",
    "hung-up": "La llamada terminó antes de que se marcara el código.",
    "busy": "La línea estaba ocupada.",
    "no-answer": "Nadie contestó el teléfono.",
    "failed": "La llamada no se pudo completar.",
    "canceled": "La llamada se canceló.",
    "refused": "La compañía telefónica no pasó la llamada.",
    "blocked": "Ahora no se puede llamar a este número.",
    "lost-call": "No se pudo hacer la llamada. No cuenta.",
    "spoken": "La llamada dictó el código. Déselo a {customer}.",
    "late": "No se pudo hacer la llamada a la hora elegida. Elija otra vez.",
    "no-calls": "Ahora no se hacen llamadas. Inténtelo de nuevo en unos minutos.",
    "budget": "Hoy ya hubo bastantes llamadas. Inténtelo de nuevo mañana.",
    "moved": "No se pudo hacer la llamada. Mire cómo está ahora.",
}

OWNER: Mapping[str, Texts] = {"en": _ENGLISH, "fr": _FRENCH, "es": _SPANISH}

# A link that opens nothing any more: title and text, by why ("" is its time, or its order's end).
GONE: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "": ("This link no longer works", "Whoever sent it to you can send another one."),
        "taken-back": ("This link no longer works", "The newest mail has the one that works."),
        "not-mine": (
            "Thank you for telling us",
            "The request has stopped, and whoever made it is told. You can close this page.",
        ),
    },
    "fr": {
        "": ("Ce lien ne sert plus", "La personne qui l’a envoyé peut en envoyer un autre."),
        "taken-back": ("Ce lien ne sert plus", "Le dernier courriel a le lien qui sert."),
        "not-mine": (
            "Merci de nous l’avoir dit",
            "La demande est arrêtée, et son auteur en est averti. Vous pouvez fermer cette page.",
        ),
    },
    "es": {
        "": ("Este enlace ya no sirve", "Quien se lo envió puede enviarle otro."),
        "taken-back": ("Este enlace ya no sirve", "El correo más reciente tiene el que sirve."),
        "not-mine": (
            "Gracias por decirlo",
            "La solicitud se detuvo, y se avisa a quien la hizo. Puede cerrar esta página.",
        ),
    },
}

SPOKEN: Mapping[str, Mapping[str, str]] = {
    "en": {"en": "English", "fr": "French", "es": "Spanish"},
    "fr": {"en": "anglais", "fr": "français", "es": "espagnol"},
    "es": {"en": "inglés", "fr": "francés", "es": "español"},
}

ZONES: Mapping[str, Mapping[str, str]] = {
    "America/St_Johns": {"en": "Newfoundland", "fr": "Terre-Neuve", "es": "Terranova"},
    "America/Halifax": {"en": "Atlantic", "fr": "Atlantique", "es": "Atlántico"},
    "America/New_York": {"en": "Eastern", "fr": "Est", "es": "Este"},
    "America/Chicago": {"en": "Central", "fr": "Centre", "es": "Centro"},
    "America/Regina": {"en": "Saskatchewan", "fr": "Saskatchewan", "es": "Saskatchewan"},
    "America/Denver": {"en": "Mountain", "fr": "Rocheuses", "es": "Montaña"},
    "America/Phoenix": {"en": "Arizona", "fr": "Arizona", "es": "Arizona"},
    "America/Los_Angeles": {"en": "Pacific", "fr": "Pacifique", "es": "Pacífico"},
    "America/Whitehorse": {"en": "Yukon", "fr": "Yukon", "es": "Yukón"},
    "America/Anchorage": {"en": "Alaska", "fr": "Alaska", "es": "Alaska"},
    "Pacific/Honolulu": {"en": "Hawaii", "fr": "Hawaï", "es": "Hawái"},
    "UTC": {"en": "Universal (UTC)", "fr": "Universel (UTC)", "es": "Universal (UTC)"},
}

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre"
    " diciembre",
}


def when(at: datetime, language: str) -> str:
    """A time on its own zone's clocks, as it stands in a sentence."""
    day, month = _DAYS[language][at.weekday()], _MONTHS[language].split()[at.month - 1]
    if language == "fr":
        date = "1er" if at.day == 1 else at.day
        return f"le {day} {date} {month} à {at.hour} h {at.minute:02d}"
    if language == "es":
        return f"el {day} {at.day} de {month} a las {at.hour}:{at.minute:02d}"
    half = "AM" if at.hour < 12 else "PM"
    return f"{day}, {month} {at.day}, at {at.hour % 12 or 12}:{at.minute:02d} {half}"


def wait(seconds: float) -> str:
    """How long something is still ahead, in words of every language."""
    minutes = max(1, round(seconds / 60))
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
