"""The words the demo is composed of: names, all invented, and places of France, which exist."""

#: (region, city, latitude, longitude, weight by size)
CITIES = (
    ("Île-de-France", "Paris", 48.8566, 2.3522, 150),
    ("Île-de-France", "Boulogne-Billancourt", 48.8397, 2.2399, 40),
    ("Île-de-France", "Saint-Denis", 48.9362, 2.3574, 30),
    ("Île-de-France", "Versailles", 48.8014, 2.1301, 25),
    ("Auvergne-Rhône-Alpes", "Lyon", 45.7640, 4.8357, 70),
    ("Auvergne-Rhône-Alpes", "Grenoble", 45.1885, 5.7245, 25),
    ("Auvergne-Rhône-Alpes", "Saint-Étienne", 45.4397, 4.3872, 18),
    ("Auvergne-Rhône-Alpes", "Clermont-Ferrand", 45.7772, 3.0870, 18),
    ("Auvergne-Rhône-Alpes", "Annecy", 45.8992, 6.1294, 14),
    ("Bourgogne-Franche-Comté", "Dijon", 47.3220, 5.0415, 22),
    ("Bourgogne-Franche-Comté", "Besançon", 47.2378, 6.0241, 14),
    ("Bretagne", "Rennes", 48.1173, -1.6778, 30),
    ("Bretagne", "Brest", 48.3904, -4.4861, 16),
    ("Bretagne", "Quimper", 47.9960, -4.1024, 8),
    ("Centre-Val de Loire", "Orléans", 47.9029, 1.9093, 18),
    ("Centre-Val de Loire", "Tours", 47.3941, 0.6848, 18),
    ("Corse", "Ajaccio", 41.9192, 8.7386, 6),
    ("Corse", "Bastia", 42.6973, 9.4509, 5),
    ("Grand Est", "Strasbourg", 48.5734, 7.7521, 30),
    ("Grand Est", "Reims", 49.2583, 4.0317, 16),
    ("Grand Est", "Metz", 49.1193, 6.1757, 14),
    ("Grand Est", "Nancy", 48.6921, 6.1844, 14),
    ("Grand Est", "Mulhouse", 47.7508, 7.3359, 10),
    ("Hauts-de-France", "Lille", 50.6292, 3.0573, 46),
    ("Hauts-de-France", "Amiens", 49.8941, 2.2958, 14),
    ("Hauts-de-France", "Dunkerque", 51.0344, 2.3768, 9),
    ("Normandie", "Rouen", 49.4432, 1.0993, 20),
    ("Normandie", "Caen", 49.1829, -0.3707, 15),
    ("Normandie", "Le Havre", 49.4944, 0.1079, 13),
    ("Nouvelle-Aquitaine", "Bordeaux", 44.8378, -0.5792, 38),
    ("Nouvelle-Aquitaine", "Limoges", 45.8336, 1.2611, 11),
    ("Nouvelle-Aquitaine", "Poitiers", 46.5802, 0.3404, 10),
    ("Nouvelle-Aquitaine", "La Rochelle", 46.1603, -1.1511, 9),
    ("Occitanie", "Toulouse", 43.6047, 1.4442, 44),
    ("Occitanie", "Montpellier", 43.6110, 3.8767, 26),
    ("Occitanie", "Nîmes", 43.8367, 4.3601, 12),
    ("Occitanie", "Perpignan", 42.6887, 2.8948, 9),
    ("Pays de la Loire", "Nantes", 47.2184, -1.5536, 38),
    ("Pays de la Loire", "Angers", 47.4784, -0.5632, 15),
    ("Pays de la Loire", "Le Mans", 48.0061, 0.1996, 11),
    ("Provence-Alpes-Côte d'Azur", "Marseille", 43.2965, 5.3698, 42),
    ("Provence-Alpes-Côte d'Azur", "Nice", 43.7102, 7.2620, 26),
    ("Provence-Alpes-Côte d'Azur", "Toulon", 43.1242, 5.9280, 14),
    ("Provence-Alpes-Côte d'Azur", "Aix-en-Provence", 43.5297, 5.4474, 12),
    ("Provence-Alpes-Côte d'Azur", "Avignon", 43.9493, 4.8055, 10),
)

#: What firms of each industry call themselves.
FORMS = {
    "Construction": ("Bâtiment", "Maçonnerie", "Charpentes", "Travaux"),
    "Education": ("École", "Lycée", "Institut", "Campus"),
    "Healthcare": ("Clinique", "Laboratoire", "Pharmacie", "Résidence"),
    "Hospitality": ("Hôtel", "Auberge", "Brasserie", "Traiteur"),
    "Logistics": ("Transports", "Entrepôts", "Messagerie", "Fret"),
    "Manufacturing": ("Ateliers", "Forges", "Mécanique", "Fonderie"),
    "Retail": ("Comptoir", "Maison", "Magasins", "Jardinerie"),
    "Technology": ("Systèmes", "Logiciels", "Réseaux", "Données"),
}

FAMILIES = tuple(
    (
        "Abadie Amiot Aubry Auclair Bailly Barbier Baron Baudry Beaumont Bellanger Benoît Berger Berthier Besnard "
        "Bissonnet Blanchard Blondel Boivin Bonnard Bouchard Boulanger Bourgeois Bouvier Brault Brunel Cadoret Camus "
        "Carpentier Chabert Charrier Chauvin Chevallier Clément Collet Cordier Coste Courtois Cousin Crépin Daubigny "
        "Daviau Delattre Delmas Descamps Desmoulins Dorval Duchêne Dufour Dumas Dupuis Durieux Estève Fabre Faucher "
        "Favre Ferrand Fleury Fontaine Fournel Gaillard Garnier Gauthier Germain Gilbert Giraud Godard Grandjean "
        "Grenier Guérin Guillot Hamelin Hébert Herbin Huguet Imbert Jacquet Jolivet Joubert Kerouac Labbé Lacroix "
        "Lafitte Lambert Langlois Laporte Larrieu Lavigne Lebrun Lecomte Le Goff Lemaire Lenoir Lepage Leroux Maillard "
        "Marchand Maréchal Marty Masson Mercier Meunier Monnier Moreau Morvan Nadaud Noël Ollivier Paquet Pasquier "
        "Pelletier Perrin Picard Pineau Poirier Prévost Quéré Raynaud Renard Rivière Rousset Sabatier Saunier Schmitt "
        "Tanguy Tessier Thévenot Tissier Valentin Vasseur Verdier Vidal Vincent Voisin Weber"
    )
    .replace("Le Goff", "Le_Goff")
    .split()
)

ENDINGS = ("", "", "", " & Fils", " SA", " SARL", " Frères")

#: Names that break careless software: markup, a formula (below), accents, apostrophes.
HOSTILE_CUSTOMERS = (
    "<img src=x onerror=alert(1)>",
    "L'Atelier d'Aliénor",
    "Établissements Çelik & Noël",
)

#: (name, team, region covered); Camille Martin is two people.
SALESPEOPLE = (
    ("Camille Martin", "Paris", "Île-de-France"),
    ("Hugo Delaunay", "Paris", "Île-de-France"),
    ("Inès Rahmani", "Paris", "Île-de-France"),
    ("Luc Perraud", "Paris", "Centre-Val de Loire"),
    ("Maëlle Kervella", "West", "Bretagne"),
    ("Antoine Vasseur", "North", "Hauts-de-France"),
    ("Élodie Lecœur", "North", "Normandie"),
    ("Yann Guivarc'h", "West", "Pays de la Loire"),
    ("Sophie Muller", "East", "Grand Est"),
    ("Thomas Girardot", "East", "Bourgogne-Franche-Comté"),
    ("Nadia Benali", "Alps", "Auvergne-Rhône-Alpes"),
    ("Paul Chambon", "Alps", "Auvergne-Rhône-Alpes"),
    ("Camille Martin", "South", "Provence-Alpes-Côte d'Azur"),
    ("Julien Etcheverry", "South", "Nouvelle-Aquitaine"),
    ("Laura Bonnafous", "South", "Occitanie"),
    ("Marc-André Colonna", "South", "Provence-Alpes-Côte d'Azur"),
    ("Amandine Tellier", "Paris", "Île-de-France"),
    ("Karim Haddad", "Paris", "Île-de-France"),
    ("Bérénice Aumont", "Paris", "Île-de-France"),
    ("Étienne Roche", "Paris", "Île-de-France"),
    ("Fatou Diarra", "Paris", "Centre-Val de Loire"),
    ("Quentin Masclet", "North", "Hauts-de-France"),
    ("Aurore Delecroix", "North", "Hauts-de-France"),
    ("Rémi Hautot", "North", "Normandie"),
    ("Gwenaëlle Riou", "West", "Bretagne"),
    ("Damien Papin", "West", "Pays de la Loire"),
    ("Clotilde Retailleau", "West", "Pays de la Loire"),
    ("Matthieu Schaeffer", "East", "Grand Est"),
    ("Anaïs Wendling", "East", "Grand Est"),
    ("Victor Jeannin", "East", "Bourgogne-Franche-Comté"),
    ("Solène Peillon", "Alps", "Auvergne-Rhône-Alpes"),
    ("Bastien Vachon", "Alps", "Auvergne-Rhône-Alpes"),
    ("Leïla Mansouri", "Alps", "Auvergne-Rhône-Alpes"),
    ("Romain Gachet", "Alps", "Auvergne-Rhône-Alpes"),
    ("Chloé Barthez", "South", "Occitanie"),
    ("Mathis Cazenave", "South", "Occitanie"),
    ("Pauline Duvergier", "South", "Nouvelle-Aquitaine"),
    ("Sacha Lafargue", "South", "Nouvelle-Aquitaine"),
    ("Mireille Orsini", "South", "Provence-Alpes-Côte d'Azur"),
    ("Fabien Garrigue", "South", "Provence-Alpes-Côte d'Azur"),
)

#: Regions without a salesperson of their own, and the region whose people serve them.
SERVED_FROM = {"Corse": "Provence-Alpes-Côte d'Azur"}

#: (product, category, tier, list price, cost of a unit), in euros; four a category, of tiers 1, 2, 2, 3.
PRODUCTS = (
    ("Sésame Badge", "Access control", 1, 120.0, 74.4),
    ("Sésame Clavier", "Access control", 2, 260.0, 150.8),
    ("Sésame Mobile", "Access control", 2, 310.0, 167.4),
    ("Sésame Empreinte", "Access control", 3, 720.0, 345.6),
    ("Cerbère Porte", "Alarms", 1, 85.0, 56.1),
    ("Cerbère Volume", "Alarms", 2, 210.0, 128.1),
    ("Cerbère Radio", "Alarms", 2, 275.0, 154.0),
    ("Cerbère Centrale", "Alarms", 3, 890.0, 453.9),
    ("Salamandre Détecteur", "Fire safety", 1, 60.0, 39.0),
    ("Salamandre Sirène", "Fire safety", 2, 240.0, 139.2),
    ('=HYPERLINK("http://example.invalid")', "Fire safety", 2, 380.0, 216.6),
    ("Salamandre Réseau", "Fire safety", 3, 1250.0, 612.5),
    ("Luciole Secours", "Lighting", 1, 45.0, 31.5),
    ("Luciole Façade", "Lighting", 2, 160.0, 102.4),
    ("Luciole Parking", "Lighting", 2, 195.0, 122.9),
    ("Luciole Pilotée", "Lighting", 3, 540.0, 302.4),
    ("Contrat Essentiel", "Maintenance", 1, 150.0, 67.5),
    ("Contrat Confort", "Maintenance", 2, 320.0, 134.4),
    ("Contrat Sérénité", "Maintenance", 2, 390.0, 156.0),
    ("Contrat Intégral", "Maintenance", 3, 780.0, 280.8),
    ("Vigie 100", "Video surveillance", 1, 190.0, 121.6),
    ("Vigie 200", "Video surveillance", 2, 420.0, 247.8),
    ("Vigie 200 Nuit", "Video surveillance", 2, 480.0, 268.8),
    ("Vigie 300", "Video surveillance", 3, 950.0, 484.5),
)

COMPETITORS = ("Argos Sûreté", "Bastion Pro", "Garde & Cie", "Securia", "Vauban Systèmes")
LOSS_REASONS = ("Price", "No budget", "No decision", "Timing", "Product fit", "Competitor")
WIN_REASONS = ("Product fit", "Price", "Service", "Relationship", "References")
STAGES = ("Qualification", "Discovery", "Proposal", "Negotiation")
WON, LOST = "Closed Won", "Closed Lost"
