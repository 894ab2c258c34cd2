"""Names in Latin letters: against the examples of the tables themselves and spellings that are in use."""

from pathlib import Path

import pytest
import yaml

from framing.evaluation.lexicon.romanisation import russian_spellings, ukrainian_spellings

# The examples of the Cabinet of Ministers' resolution No. 55, as far as they are one name each.
RESOLUTION_55 = {
    "Алушта": "Alushta", "Андрій": "Andrii", "Борщагівка": "Borshchahivka", "Борисенко": "Borysenko",
    "Вінниця": "Vinnytsia", "Володимир": "Volodymyr", "Гадяч": "Hadiach", "Богдан": "Bohdan",
    "Згурський": "Zghurskyi", "Ґалаґан": "Galagan", "Ґорґани": "Gorgany", "Донецьк": "Donetsk",
    "Дмитро": "Dmytro", "Рівне": "Rivne", "Олег": "Oleh", "Есмань": "Esman", "Єнакієве": "Yenakiieve",
    "Гаєвич": "Haievych", "Короп'є": "Koropie", "Житомир": "Zhytomyr", "Жанна": "Zhanna",
    "Жежелів": "Zhezheliv", "Закарпаття": "Zakarpattia", "Казимирчук": "Kazymyrchuk", "Медвин": "Medvyn",
    "Михайленко": "Mykhailenko", "Іванків": "Ivankiv", "Іващенко": "Ivashchenko", "Їжакевич": "Yizhakevych",
    "Кадиївка": "Kadyivka", "Мар'їне": "Marine", "Йосипівка": "Yosypivka", "Стрий": "Stryi",
    "Олексій": "Oleksii", "Київ": "Kyiv", "Коваленко": "Kovalenko", "Лебедин": "Lebedyn", "Леонід": "Leonid",
    "Миколаїв": "Mykolaiv", "Маринич": "Marynych", "Ніжин": "Nizhyn", "Наталія": "Nataliia", "Одеса": "Odesa",
    "Онищенко": "Onyshchenko", "Полтава": "Poltava", "Петро": "Petro", "Решетилівка": "Reshetylivka",
    "Рибчинський": "Rybchynskyi", "Суми": "Sumy", "Соломія": "Solomiia", "Тернопіль": "Ternopil",
    "Троць": "Trots", "Ужгород": "Uzhhorod", "Уляна": "Uliana", "Фастів": "Fastiv", "Філіпчук": "Filipchuk",
    "Харків": "Kharkiv", "Христина": "Khrystyna", "Біла Церква": "Bila Tserkva", "Стеценко": "Stetsenko",
    "Чернівці": "Chernivtsi", "Шевченко": "Shevchenko", "Шостка": "Shostka", "Кишеньки": "Kyshenky",
    "Щербухи": "Shcherbukhy", "Гоща": "Hoshcha", "Гаращенко": "Harashchenko", "Юрій": "Yurii",
    "Корюківка": "Koriukivka", "Яготин": "Yahotyn", "Ярошенко": "Yaroshenko", "Костянтин": "Kostiantyn",
    "Знам'янка": "Znamianka", "Феодосія": "Feodosiia", "Запоріжжя": "Zaporizhzhia", "Розгон": "Rozghon",
}  # fmt: skip

RUSSIAN = {
    "Киев": ["Kiyev", "Kiev"], "Харьков": ["Kharkov"], "Одесса": ["Odessa"], "Донбасс": ["Donbass"],
    "Николаев": ["Nikolayev", "Nikolaev"], "Запорожье": ["Zaporozhye", "Zaporozhe"], "Луганск": ["Lugansk"],
    "Артёмовск": ["Artyomovsk", "Artemovsk"], "Красный Лиман": ["Krasnyy Liman", "Krasny Liman"],
    "Красноармейск": ["Krasnoarmeysk", "Krasnoarmeisk"], "Авдеевка": ["Avdeyevka", "Avdeevka"],
    "Рубежное": ["Rubezhnoye", "Rubezhnoe"], "Купянск": ["Kupyansk"], "Энергодар": ["Energodar"],
    "Славянск": ["Slavyansk"], "Изюм": ["Izyum"], "Чернобыль": ["Chernobyl"], "Ирпень": ["Irpen"],
    "Кривой Рог": ["Krivoy Rog", "Krivoi Rog"], "Горбачёв": ["Gorbachyov", "Gorbachev", "Gorbachov"],
    "Александр": ["Aleksandr", "Alexandr"], "Зеленский": ["Zelenskiy", "Zelensky", "Zelenskii"],
    "Ельцин": ["Yeltsin", "Eltsin"], "Подъездной": ["Podyezdnoy", "Podyezdnoi"], "Щёлково": ["Shchyolkovo"],
    "Энгельс": ["Engels"], "Великая Новосёлка": ["Velikaya Novosyolka", "Velikaya Novoselka"],
}  # fmt: skip


@pytest.mark.parametrize(("cyrillic", "latin"), RESOLUTION_55.items())
def test_a_ukrainian_name_is_spelled_as_resolution_55_says(cyrillic: str, latin: str) -> None:
    assert ukrainian_spellings(cyrillic) == (latin.lower(),)


@pytest.mark.parametrize(("cyrillic", "latin"), RUSSIAN.items())
def test_a_russian_name_has_the_spellings_that_newspapers_use(cyrillic: str, latin: list[str]) -> None:
    assert {each.lower() for each in latin} <= set(russian_spellings(cyrillic))


def test_the_first_russian_spelling_is_that_of_bgn_pcgn() -> None:
    firsts = [russian_spellings(name)[0] for name in ("Киев", "Зеленский", "Красный", "Королёв", "Майкоп")]
    assert firsts == ["kiyev", "zelenskiy", "krasnyy", "korolyov", "maykop"]


def test_every_apostrophe_is_left_out() -> None:
    spelled = {ukrainian_spellings(f"Куп{sign}янськ") for sign in "'’ʼ`"}
    assert spelled == {("kupiansk",)}


@pytest.mark.parametrize("spellings", [ukrainian_spellings, russian_spellings])
def test_a_letter_of_another_alphabet_is_refused(spellings: object) -> None:
    with pytest.raises(ValueError, match="no letter of this language"):
        spellings("Kyiv")  # type: ignore[operator]


def test_a_letter_that_only_the_other_language_has_is_refused() -> None:
    with pytest.raises(ValueError, match="'ы'"):
        ukrainian_spellings("Крым и Черновцы")
    with pytest.raises(ValueError, match="'і'"):
        russian_spellings("Львів")


# Lines of configs/spellings.yaml about Ukrainian places, by the two names in Cyrillic.
LINES = {
    "Kyiv": ("Київ", "Киев"), "Kharkiv": ("Харків", "Харьков"), "Odesa": ("Одеса", "Одесса"),
    "Lviv": ("Львів", "Львов"), "Mykolaiv": ("Миколаїв", "Николаев"), "Dnipro": ("Дніпро", "Днепр"),
    "Dnipropetrovsk": ("Дніпропетровськ", "Днепропетровск"), "Zaporizhzhia": ("Запоріжжя", "Запорожье"),
    "Luhansk": ("Луганськ", "Луганск"), "Donbas": ("Донбас", "Донбасс"), "Chernihiv": ("Чернігів", "Чернигов"),
    "Rivne": ("Рівне", "Ровно"), "Vinnytsia": ("Вінниця", "Винница"), "Kryvyi Rih": ("Кривий Ріг", "Кривой Рог"),
    "Kirovohrad": ("Кіровоград", "Кировоград"), "Uzhhorod": ("Ужгород", "Ужгород"),
    "Ternopil": ("Тернопіль", "Тернополь"), "Chernivtsi": ("Чернівці", "Черновцы"),
    "Khmelnytsky": ("Хмельницький", "Хмельницкий"), "Chornobyl": ("Чорнобиль", "Чернобыль"),
    "Kupiansk": ("Куп'янськ", "Купянск"), "Izium": ("Ізюм", "Изюм"), "Lyman": ("Лиман", "Красный Лиман"),
    "Bakhmut": ("Бахмут", "Артёмовск"), "Avdiivka": ("Авдіївка", "Авдеевка"), "Vuhledar": ("Вугледар", "Угледар"),
    "Chasiv Yar": ("Часів Яр", "Часов Яр"), "Pokrovsk": ("Покровськ", "Красноармейск"),
    "Myrnohrad": ("Мирноград", "Мирноград"), "Selydove": ("Селидове", "Селидово"),
    "Kurakhove": ("Курахове", "Курахово"), "Kostiantynivka": ("Костянтинівка", "Константиновка"),
    "Sloviansk": ("Слов'янськ", "Славянск"), "Sievierodonetsk": ("Сєвєродонецьк", "Северодонецк"),
    "Lysychansk": ("Лисичанськ", "Лисичанск"), "Rubizhne": ("Рубіжне", "Рубежное"),
    "Popasna": ("Попасна", "Попасная"), "Berdiansk": ("Бердянськ", "Бердянск"),
    "Enerhodar": ("Енергодар", "Энергодар"), "Orikhiv": ("Оріхів", "Орехов"),
    "Huliaipole": ("Гуляйполе", "Гуляйполе"), "Robotyne": ("Роботине", "Работино"),
    "Velyka Novosilka": ("Велика Новосілка", "Великая Новосёлка"), "Vovchansk": ("Вовчанськ", "Волчанск"),
    "Nova Kakhovka": ("Нова Каховка", "Новая Каховка"), "Hostomel": ("Гостомель", "Гостомель"),
    "Irpin": ("Ірпінь", "Ирпень"), "Borodianka": ("Бородянка", "Бородянка"),
}  # fmt: skip

NO_RULE = {
    "mykolayiv", "dnieper", "dniepr", "zaporizhia", "zaporizhzhya", "zaporozhia", "krivyi rih", "khmelnytsky",
    "krasny lyman", "liman", "artemivsk", "avdiyivka", "krasnoarmiisk", "selydovo", "kostyantynivka", "slovyansk",
    "slaviansk", "syevyerodonetsk", "lysichansk", "hulyaipole", "gulyai-polye",
}  # fmt: skip
"""Other systems (BGN/PCGN 1965 for Ukrainian), conventional English names, and mixtures of two languages."""


def test_the_rules_make_the_spellings_that_the_list_of_spellings_has() -> None:
    lines = yaml.safe_load(Path("configs/spellings.yaml").read_text(encoding="utf-8"))
    listed = {line[0]: {each.lower() for each in line} for line in lines}
    missed: set[str] = set()
    whole = 0
    for first, (ukrainian, russian) in LINES.items():
        left = listed[first] - {*ukrainian_spellings(ukrainian), *russian_spellings(russian)}
        missed |= left
        whole += not left
    assert missed == NO_RULE
    assert (whole, len(LINES)) == (33, 48)
