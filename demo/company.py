"""Orvaly, an invented maker of heat pumps, with 2,000 people in Québec and in France."""

import unicodedata
from typing import NamedTuple

PEOPLE = 2000
QUEBEC, FRANCE = "orvaly.example", "orvaly-france.example"


class Place(NamedTuple):
    name: str
    name_en: str
    time_zone: str
    domain: str
    weight: int


PLACES = [
    Place("Montréal", "Montreal", "America/Montreal", QUEBEC, 26),
    Place("Laval", "", "America/Montreal", QUEBEC, 24),
    Place("Québec", "Quebec City", "America/Montreal", QUEBEC, 16),
    Place("Lyon", "", "Europe/Paris", FRANCE, 16),
    Place("Nantes", "", "Europe/Paris", FRANCE, 10),
    Place("Paris", "", "Europe/Paris", FRANCE, 8),
]

# French name, English name, weight, how keen its people are to share (1 is average), teams.
DEPARTMENTS = [
    (
        "Direction générale",
        "Executive Office",
        2,
        0.9,
        [
            ("Cabinet de direction", "Chief of Staff"),
            ("Secrétariat général", "Corporate Secretariat"),
        ],
    ),
    (
        "Ressources humaines",
        "Human Resources",
        6,
        1.9,
        [
            ("Acquisition de talents", "Talent Acquisition"),
            ("Formation et développement", "Learning and Development"),
        ],
    ),
    (
        "Finances",
        "Finance",
        6,
        0.35,
        [("Comptabilité", "Accounting"), ("Contrôle de gestion", "Financial Planning")],
    ),
    (
        "Technologies de l'information",
        "Information Technology",
        12,
        0.9,
        [
            ("Développement logiciel", "Software Development"),
            ("Soutien aux utilisateurs", "User Support"),
        ],
    ),
    (
        "Marketing et communications",
        "Marketing and Communications",
        5,
        2.3,
        [("Marque et contenus", "Brand and Content"), ("Marketing numérique", "Digital Marketing")],
    ),
    (
        "Ventes",
        "Sales",
        11,
        1.8,
        [("Comptes majeurs", "Key Accounts"), ("Ventes régionales", "Regional Sales")],
    ),
    (
        "Service à la clientèle",
        "Customer Service",
        14,
        1.0,
        [("Centre de contacts", "Contact Centre"), ("Expérience client", "Customer Experience")],
    ),
    ("Production", "Production", 21, 0.6, [("Atelier A", "Shop A"), ("Atelier B", "Shop B")]),
    ("Logistique", "Logistics", 9, 0.5, [("Entrepôt", "Warehouse"), ("Transport", "Transport")]),
    (
        "Recherche et développement",
        "Research and Development",
        7,
        1.3,
        [("Laboratoire", "Laboratory"), ("Prototypage", "Prototyping")],
    ),
    (
        "Qualité",
        "Quality",
        6,
        0.8,
        [("Assurance qualité", "Quality Assurance"), ("Métrologie", "Metrology")],
    ),
    ("Affaires juridiques", "Legal Affairs", 1, 0.3, [("Contrats", "Contracts")]),
]

FRENCH_FIRST = """Maëlle Étienne Océane Hugo Camille Jérôme Noémie Xavier Élodie Mathis Zoé Raphaël Léa
Samuel Florence Olivier Justine Félix Maude Antoine Sarah-Maude Guillaume Ariane Thomas Coralie Alexis
Rosalie Maxime Juliette Vincent Béatrice Nathan Clara Loïc Amélie Tristan Inès Bastien Élise Simon
Delphine Karim Fatou Youssef Leïla Mamadou Awa Mehdi Nadia Idriss Chloé Renaud Solange Gaël Josiane
Naomi Sylvie Marc-André Anne-Sophie Jean-Philippe Marie-Pier""".split()
ENGLISH_FIRST = """Olivia Liam Emma Noah Charlotte Ethan Grace Owen Hannah Lucas Maya Daniel Priya Arjun
Wei Mei Tomasz Ewa Rosa Diego Kofi Abena Fiona Callum""".split()
LAST = """Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier
Bélanger Lévesque Bergeron Leblanc Paquette Simard Boucher Caron Beaulieu Cloutier Dubé Poirier Lapointe
Leclerc Lefebvre Poulin Thibault Nadeau Martel Bernier Michaud Landry Hébert Turcotte Bernard Durand
Moreau Laurent Bertrand Roux Morel Mercier Dupont Bonnet Legrand Garnier Faure Rousseau Guérin
Roussel Perrin Mathieu Clément Dumont Fontaine Chevalier Masson Lemaire Mansour
Nguyen Tran Kowalski Novak Rossi Silva Pereira Campbell Anderson MacDonald Wilson Singh Chen Patel
Osei Tessier Vézina Arsenault Ménard Proulx Sirois Vachon Charron""".split()

TOPICS = {  # slug: French, English
    "batiments": ("Bâtiments sobres", "Low-energy buildings"),
    "innovation": ("Innovation", "Innovation"),
    "clients": ("Nos clients", "Our customers"),
    "emplois": ("Offres d’emploi", "Job openings"),
    "equipe": ("Vie d’équipe", "Life on the team"),
    "outils": ("Nouveaux outils", "New tools"),
}

CAMPAIGNS = {
    "batiments-sobres": {
        "kind": "marketing",
        "name_fr": "Des bâtiments sobres",
        "name_en": "Low-energy buildings",
        "objective_fr": "Montrer, mesures à l’appui, qu’un bâtiment peut vivre avec deux fois moins.",
        "objective_en": "Show, with measurements, that a building can live on half as much.",
        "indicator": "visits",
        "target": 15000,
        "disclosure_fr": "Je travaille chez Orvaly.",
        "disclosure_en": "I work at Orvaly.",
        "weeks_ago": 25,
        "weeks": 33,
    },
    "laval-embauche": {
        "kind": "recruiting",
        "name_fr": "Laval embauche",
        "name_en": "Laval is hiring",
        "objective_fr": "Faire connaître 40 postes à celles et ceux que nos annonces n’atteignent pas.",
        "objective_en": "Tell people our ads do not reach about 40 openings.",
        "indicator": "visits",
        "target": 12000,
        "disclosure_fr": "Je travaille chez Orvaly.",
        "disclosure_en": "I work at Orvaly.",
        "weeks_ago": 11,
        "weeks": 17,
    },
    "atelier-numerique": {
        "kind": "change",
        "name_fr": "L’atelier numérique",
        "name_en": "The digital shop floor",
        "objective_fr": "Que chaque équipe sache qui l’aide, et pose ses questions avant le démarrage.",
        "objective_en": "Every team knows who helps, and asks its questions before the switch.",
        "indicator": "shares",
        "target": 400,
        "disclosure_fr": "",
        "disclosure_en": "",
        "weeks_ago": 5,
        "weeks": 14,
    },
}

LOGINS = [  # role, e-mail, first name, last name, language
    ("ambassador", "maelle.tessier@orvaly.example", "Maëlle", "Tessier", "fr"),
    ("manager", "rh@orvaly.example", "Solange", "Arsenault", "fr"),
    ("admin", "admin@orvaly.example", "Gaël", "Proulx", "fr"),
]
# Who writes most items, so that the HR manager has something to approve. Not a login of the demo.
WRITER = ("manager", "communications@orvaly.example", "Coralie", "Vachon", "fr")
PASSWORD = "porte-voix-demo"  # noqa: S105  # printed by `make run`; the demo only ever runs locally


def mailbox(first, last, domain):
    """`Marie-Pier`, `Côté` -> `marie-pier.cote@domain`."""
    plain = unicodedata.normalize("NFKD", f"{first}.{last}").encode("ascii", "ignore").decode()
    return f"{plain.lower().replace(' ', '-')}@{domain}"
