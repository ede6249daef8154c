"""What English abbreviates: words, units, currencies."""

from __future__ import annotations

ABBREVIATIONS = r"""
([$€£¥])\s?-(?=\d) | -\1
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:M|m|mn)\b | \1 million
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:B|b|bn)\b | \1 billion
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?(?:T|tn)\b | \1 trillion
([$€£¥]\s?\d[\d,]*(?:\.\d+)?)\s?[Kk]\b | \1 thousand
\bC#(?!\w) | C sharp
\bF#(?!\w) | F sharp
\b24/7\b | twenty four seven
\b9/11\b | nine eleven
\b[Ww]/o(?=\s) | without
\b[Ww]/\s?([a-z]) | with \1
\b[Cc]/o(?=\s) | care of
\b[Nn]/[Aa]\b | not applicable
\bAC/DC\b | A C D C
\bTCP/IP\b | T C P I P
([ap]m)\s?[-–]\s?(\d) | \1 to \2
\bWWII\b | World War Two
\bWWI\b | World War One
\bDr\.(?=\s+[A-Z]) | Doctor
(?<=[a-z] )Dr\b\.? | Drive
\bMr\b\.? | Mister
\bMrs\. | Mrs
\bMs\b\.?(?=\s+[A-Z]) | Miz
\b(\d+ (?:[A-Z]\w+ )+)St\. | \1Street
\bProf\.(?=\s+[A-Z]) | Professor
\bSt\.(?=\s+[A-Z]) | Saint
(?<=[a-z] )St\b\. | Street
\bAve\b\.? | Avenue
\bBlvd\b\.? | Boulevard
\bRd\b\. | Road
\bMt\.(?=\s+[A-Z]) | Mount
\bFt\.(?=\s+[A-Z]) | Fort
\bJr\b\.? | Junior
\bSr\b\.? | Senior
\bGen\.(?=\s+[A-Z]) | General
\bCapt\.(?=\s+[A-Z]) | Captain
\bLt\.(?=\s+[A-Z]) | Lieutenant
\bCol\.(?=\s+[A-Z]) | Colonel
\bSgt\.(?=\s+[A-Z]) | Sergeant
\bRev\.(?=\s+[A-Z]) | Reverend
\bGov\.(?=\s+[A-Z]) | Governor
\bSen\.(?=\s+[A-Z]) | Senator
\bRep\.(?=\s+[A-Z]) | Representative
\b[Nn]os?\.(?=\s*\d) | number
\bvs?\.(?=\s) | versus
\betc\. | et cetera
\be\.\s?g\. | for example
\bi\.\s?e\. | that is
\bapprox\. | approximately
\bdept\. | department
\bDept\. | Department
\best\.(?=\s) | established
\bmin\.(?=\s|$) | minutes
\bhrs?\. | hours
\bsec\.(?=\s|$) | seconds
\bInc\. | Incorporated
\bLtd\b\.? | Limited
\bCorp\. | Corporation
\bCo\.(?=\s|$) | Company
\bp\.(?=\s?\d) | page
\bpp\.(?=\s?\d) | pages
\bvol\.(?=\s?\d) | volume
\bfig\.(?=\s?\d) | figure
\b[Ee]xt\.(?=\s?\d) | extension
\b[Pp]h\.(?=\s?[(+\d]) | phone
\btsp\b\.? | teaspoons
\btbsp\b\.? | tablespoons
(?<=\d)(\s?(?:oz|lb|lbs|ft|in|mi|yd))\.(?=,) | \1
\bPhD\b | P H D
\bPh\.\s?D\. | P H D
\bU\.S\.(?=\s) | U S
\bU\.K\.(?=\s) | UK
\bJan\. | January
\bFeb\. | February
\bMar\.(?=\s\d) | March
\bApr\. | April
\bAug\. | August
\bSept?\. | September
\bOct\. | October
\bNov\. | November
\bDec\. | December
\bMon\.(?=,|\s) | Monday
\bTues?\. | Tuesday
\bWed\. | Wednesday
\bThurs?\. | Thursday
\bFri\. | Friday
\bSat\.(?=,|\s) | Saturday
\bSun\.(?=,|\s) | Sunday
"""

UNITS = """
kg | one kilogram | kilograms
g | one gram | grams
mg | one milligram | milligrams
lb lbs | one pound | pounds
oz | one ounce | ounces
km | one kilometer | kilometers
m | one meter | meters
cm | one centimeter | centimeters
mm | one millimeter | millimeters
mi | one mile | miles
ft | one foot | feet
yd | one yard | yards
l L | one liter | liters
ml mL | one milliliter | milliliters
km/h kph | one kilometer per hour | kilometers per hour
mph | one mile per hour | miles per hour
m/s | one meter per second | meters per second
m² | one square meter | square meters
m³ | one cubic meter | cubic meters
km² | one square kilometer | square kilometers
°C | one degree Celsius | degrees Celsius
°F | one degree Fahrenheit | degrees Fahrenheit
° | one degree | degrees
h hr hrs | one hour | hours
min | one minute | minutes
s sec | one second | seconds
ms | one millisecond | milliseconds
Hz | one hertz | hertz
kHz | one kilohertz | kilohertz
MHz | one megahertz | megahertz
GHz | one gigahertz | gigahertz
KB kB | one kilobyte | kilobytes
MB | one megabyte | megabytes
GB | one gigabyte | gigabytes
TB | one terabyte | terabytes
W | one watt | watts
kW | one kilowatt | kilowatts
kWh | one kilowatt hour | kilowatt hours
V | one volt | volts
mAh | one milliamp hour | milliamp hours
dB | one decibel | decibels
% | one percent | percent
¢ | one cent | cents
µm | one micrometer | micrometers
nm | one nanometer | nanometers
µg mcg | one microgram | micrograms
m2 sqm | one square meter | square meters
m3 | one cubic meter | cubic meters
km2 | one square kilometer | square kilometers
ha | one hectare | hectares
gal | one gallon | gallons
Ω | one ohm | ohms
kΩ | one kilohm | kilohms
A | one amp | amps
mA | one milliamp | milliamps
Ah | one amp hour | amp hours
mW | one milliwatt | milliwatts
MW | one megawatt | megawatts
mV | one millivolt | millivolts
kV | one kilovolt | kilovolts
Wh | one watt hour | watt hours
hPa | one hectopascal | hectopascals
kPa | one kilopascal | kilopascals
psi | one P S I | P S I
bar | one bar | bar
kcal | one kilocalorie | kilocalories
cal | one calorie | calories
kJ | one kilojoule | kilojoules
rpm | one revolution per minute | revolutions per minute
fps | one frame per second | frames per second
bpm | one beat per minute | beats per minute
dpi | one dot per inch | dots per inch
px | one pixel | pixels
Mbps Mbit/s | one megabit per second | megabits per second
Gbps Gbit/s | one gigabit per second | gigabits per second
kbps kbit/s | one kilobit per second | kilobits per second
mmHg | one millimeter of mercury | millimeters of mercury
ppm | one part per million | parts per million
lm | one lumen | lumens
mo | one month | months
wk wks | one week | weeks
yr yrs | one year | years
"""

CURRENCIES = """
$ US$ USD CA$ AU$ NZ$ HK$ | one dollar | dollars | one cent | cents
€ EUR | one euro | euros | one cent | cents
£ GBP | one pound | pounds | one penny | pence
¥ JPY | one yen | yen | one sen | sen
₹ INR | one rupee | rupees | one paisa | paise
CHF | one franc | francs | one centime | centimes
"""
