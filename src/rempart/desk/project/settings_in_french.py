"""The sentence of each setting in French; the English ones are in ``registers.installation.config``."""

SECTIONS_IN_FRENCH = {
    "The association": "L’association",
    "The machine": "La machine",
    "Outgoing mail": "Le courrier sortant",
    "The staff": "L’équipe",
    "The public door": "La porte publique",
    "Platforms that read the lists": "Les plateformes qui lisent les listes",
    "Rehearsal": "La répétition",
    "Others": "Autres",
}

ABOUT_IN_FRENCH = {
    "association": "Nom de l’association, affiché sur chaque page et dans chaque notification.",
    "public_url": "Adresse que l’on tape pour arriver au desk, sans barre oblique finale.",
    "contact_email": "Adresse où les destinataires des notifications joignent une personne.",
    "reference_prefix": "Lettres par lesquelles commence chaque numéro de référence.",
    "country": "Code ISO du pays du point de signalement ; un hébergeur d’ailleurs est aussi confié à un partenaire.",
    "time_zone": "Fuseau horaire dans lequel on compte les jours, les délais et les chiffres.",
    "trusted_flagger_reference": "Référence de la décision de signaleur de confiance (DSA, article 22), vide s’il n’y en a pas.",
    "trusted_flagger_coordinator": "Qui l’a attribuée, par exemple FR-ARCOM.",
    "trusted_flagger_area": "Domaine d’expertise nommé dans la décision.",
    "independence_fr": "Comment l’association reste indépendante des fournisseurs, en français, pour le rapport annuel.",
    "independence_en": "La même chose, en anglais.",
    "listen": "Adresse et port où écoute le processus web.",
    "threads": "Nombre de fils d’exécution du processus web.",
    "database": "Adresse PostgreSQL (postgresql://utilisateur@hôte/nom) ; vide : SQLite dans le dossier des données.",
    "data_folder": "Où vivent la base SQLite et les fichiers du desk.",
    "keys_file": "Fichier des secrets ; relatif au fichier des réglages.",
    "smtp_host": "Serveur de courrier qui prend nos envois.",
    "smtp_port": "Son port.",
    "smtp_user": "Nom d’utilisateur sur ce serveur, vide s’il n’y en a pas.",
    "smtp_password": "Son mot de passe ; mieux vaut le donner par une variable d’environnement.",
    "smtp_security": "Protection de la connexion au serveur de courrier : none (aucune), starttls ou tls.",
    "mail_from": "Adresse d’expédition des notifications.",
    "is_rehearsal": "Mode répétition : hébergeurs et personnes inventés. Jamais possible sur des données réelles.",
    "rehearsal_port": "Port des hébergeurs inventés et des pages de la boîte aux lettres (répétition seulement).",
    "rehearsal_matcher_port": "Port du matcher de la plateforme inventée (répétition seulement).",
    "behind_proxy": "Un serveur mandataire en HTTPS se tient devant le desk et pose X-Forwarded-Proto.",
    "hosts": "Noms d’hôte auxquels répond le desk, séparés par des virgules.",
    "second_reading_one_in": "Une évaluation sur ce nombre est relue par une deuxième personne ; 0 supprime ce tirage.",
    "session_hours": "Une session de l’équipe se termine au plus tard après ce nombre d’heures.",
    "idle_minutes": "Une session de l’équipe se termine après ce nombre de minutes sans un geste.",
    "reports_per_hour": "Signalements acceptés par heure, tous ensemble, avant que la porte demande de revenir plus tard.",
    "reports_per_hour_each": "Signalements acceptés par heure d’une même adresse réseau (jamais gardée, oubliée chaque heure).",
    "protections_per_hour": "Nombre de fois par heure où des images peuvent être protégées, tous ensemble.",
    "protections_per_hour_each": "La même chose d’une seule adresse réseau (jamais gardée, oubliée chaque heure).",
    "well_known_pictures": (
        "Dossier d’un index d’images connues de tous (rempart index build) ; en protéger une attend une personne. Vide : aucun."
    ),
    "webhooks_to_private_addresses": (
        "Les plateformes peuvent être prévenues à des adresses privées et sans HTTPS : seulement dans un réseau à vous."
    ),
    "neutral_url": "Page où mène le bouton « quitter vite ».",
}
