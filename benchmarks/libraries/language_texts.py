"""Titles, queries and sentences of shops in eight languages, written for this."""

TEXTS = {
    "German": """Herren Winterjacke mit Kapuze wasserdicht
Kaffeevollautomat 15 bar Edelstahl
Kinderfahrrad 16 Zoll mit Stützrädern
Bettwäsche 135x200 Baumwolle grau
Akkuschrauber 18V mit zwei Akkus
Damen Laufschuhe gedämpft
Schreibtisch höhenverstellbar 120 cm
Handyhülle aus Leder
Gartenschlauch 20 m
Bio Olivenöl 500 ml
schuhe für breite füße
günstiger fernseher 55 zoll
geschenk für oma
spülmaschine leise
rucksack schule mädchen
matratze 90x200 hart
staubsauger ohne beutel
wann kommt mein paket
Die Lieferung kam schnell an.
Leider passt die Hose überhaupt nicht.
Kann man den Akku tauschen?
Ich würde dieses Gerät wieder kaufen.""",
    "French": """Veste d'hiver imperméable à capuche homme
Machine à café automatique inox 15 bars
Vélo enfant 16 pouces avec stabilisateurs
Parure de lit 220x240 coton gris
Perceuse visseuse 18V deux batteries
Chaussures de course amorties
Bureau réglable en hauteur
Coque de téléphone en cuir
Tuyau d'arrosage 20 m
Huile d'olive bio 500 ml
chaussures pieds larges
télé pas chère 55 pouces
cadeau pour mamie
lave-vaisselle silencieux
sac à dos école fille
matelas ferme 90x200
aspirateur sans sac
où est ma commande
La livraison a été rapide.
Malheureusement le pantalon ne me va pas du tout.
Peut-on changer la batterie ?
Je rachèterais cet appareil.""",
    "Spanish": """Chaqueta de invierno impermeable con capucha
Cafetera automática de acero 15 bares
Bicicleta infantil 16 pulgadas con ruedines
Juego de sábanas algodón gris
Taladro atornillador 18V dos baterías
Zapatillas de correr acolchadas
Escritorio regulable en altura
Funda de móvil de cuero
Manguera de jardín 20 m
Aceite de oliva ecológico 500 ml
zapatos para pies anchos
televisor barato 55 pulgadas
regalo para abuela
lavavajillas silencioso
mochila escolar niña
colchón firme 90x200
aspiradora sin bolsa
dónde está mi pedido
El envío llegó muy rápido.
Por desgracia el pantalón no me queda bien.
¿Se puede cambiar la batería?
Volvería a comprar este aparato.""",
    "Italian": """Giacca invernale impermeabile con cappuccio
Macchina da caffè automatica acciaio 15 bar
Bicicletta bambino 16 pollici con rotelle
Completo lenzuola matrimoniale cotone grigio
Trapano avvitatore 18V due batterie
Scarpe da corsa ammortizzate
Scrivania regolabile in altezza
Custodia per telefono in pelle
Tubo da giardino 20 m
Olio d'oliva biologico 500 ml
scarpe per piedi larghi
televisore economico 55 pollici
regalo per la nonna
lavastoviglie silenziosa
zaino scuola bambina
materasso rigido 90x200
aspirapolvere senza sacco
dov'è il mio ordine
La consegna è stata veloce.
Purtroppo i pantaloni non mi stanno bene.
Si può cambiare la batteria?
Comprerei di nuovo questo prodotto.""",
    "Dutch": """Winterjas waterdicht met capuchon
Koffiemachine volautomatisch roestvrij staal
Kinderfiets 16 inch met zijwieltjes
Dekbedovertrek 140x200 katoen grijs
Accuboormachine 18V twee accu's
Hardloopschoenen met demping
Zit-sta bureau in hoogte verstelbaar
Leren telefoonhoesje
Tuinslang 20 m
Biologische olijfolie 500 ml
schoenen voor brede voeten
goedkope televisie 55 inch
cadeau voor oma
stille vaatwasser
rugzak school meisje
harde matras 90x200
stofzuiger zonder zak
waar is mijn bestelling
De levering was erg snel.
Helaas past de broek helemaal niet.
Kun je de accu vervangen?
Ik zou dit apparaat weer kopen.""",
    "Polish": """Kurtka zimowa wodoodporna z kapturem
Ekspres do kawy automatyczny stal nierdzewna
Rower dziecięcy 16 cali z kółkami
Pościel bawełniana 160x200 szara
Wkrętarka akumulatorowa 18V dwa akumulatory
Buty do biegania z amortyzacją
Biurko z regulacją wysokości
Etui na telefon skórzane
Wąż ogrodowy 20 m
Oliwa z oliwek ekologiczna 500 ml
buty na szerokie stopy
tani telewizor 55 cali
prezent dla babci
cicha zmywarka
plecak szkolny dziewczynka
twardy materac 90x200
odkurzacz bez worka
gdzie jest moje zamówienie
Dostawa była bardzo szybka.
Niestety spodnie w ogóle nie pasują.
Czy można wymienić baterię?
Kupiłbym to urządzenie ponownie.""",
    "Turkish": """Kapüşonlu su geçirmez kışlık mont
Tam otomatik kahve makinesi paslanmaz çelik
16 jant çocuk bisikleti destek tekerlekli
Çift kişilik nevresim takımı pamuk gri
Şarjlı matkap 18V çift akülü
Yastıklı koşu ayakkabısı
Yüksekliği ayarlanabilir çalışma masası
Deri telefon kılıfı
Bahçe hortumu 20 m
Organik zeytinyağı 500 ml
geniş ayaklar için ayakkabı
ucuz televizyon 55 inç
anneanneye hediye
sessiz bulaşık makinesi
kız çocuk okul çantası
sert yatak 90x200
torbasız süpürge
siparişim nerede
Kargo çok hızlı geldi.
Maalesef pantolon hiç olmadı.
Pil değiştirilebilir mi?
Bu cihazı tekrar alırım.""",
    "Swedish": """Vattentät vinterjacka med huva
Helautomatisk kaffemaskin rostfritt stål
Barncykel 16 tum med stödhjul
Påslakanset bomull grått
Skruvdragare 18V två batterier
Dämpade löparskor
Höj- och sänkbart skrivbord
Mobilskal i läder
Trädgårdsslang 20 m
Ekologisk olivolja 500 ml
skor för breda fötter
billig tv 55 tum
present till mormor
tyst diskmaskin
skolryggsäck flicka
hård madrass 90x200
dammsugare utan påse
var är min beställning
Leveransen gick väldigt snabbt.
Tyvärr passar byxorna inte alls.
Kan man byta batteriet?
Jag skulle köpa den här maskinen igen.""",
}
