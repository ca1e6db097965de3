"""Who says it, in many more constructions of reported speech than test_statements.py: what holds, and what does not yet."""

from __future__ import annotations

import pytest
from test_statements import speakers_of

HOLDING = [
    # marks of quotation
    ("single straight marks", "'We will not sign a paper under fire,' Marta Kolinska said.", "We will not sign", ["Marta Kolinska"]),
    ("guillemets, speaker after", "«The map is wrong and must be redrawn,» Marta Kolinska said.", "The map is wrong", ["Marta Kolinska"]),
    ("guillemets, speaker before", "Tomas Berun said: «The map is wrong and must be redrawn.»", "The map is wrong", ["Tomas Berun"]),
    ("single curly marks, inverted", "‘The map is wrong and must be redrawn,’ said Tomas Berun.", "The map is wrong", ["Tomas Berun"]),
    ("German low marks", "Tomas Berun said: „The map is wrong and must be redrawn.“", "The map is wrong", ["Tomas Berun"]),
    ("nested, single in double", "“My mother told me ‘never sign a map at night’ and I never did,” Marta Kolinska said.", "never sign a map", ["Marta Kolinska"]),
    ("nested, double in single", "'Berun said \"no map before peace comes\" and left,' Marta Kolinska told the hall.", "no map before peace", ["Marta Kolinska"]),
    ("nested, double in double", "“He said “no map before peace comes” and left,” Marta Kolinska told the hall.", "no map before peace", ["Marta Kolinska"]),
    ("apostrophe within single marks", "'We don't want the villagers' map and we won't sign it,' Marta Kolinska said.", "we won't sign it", ["Marta Kolinska"]),
    ("unclosed, within the quotation", "Marta Kolinska said: “We shall wait for the thaw of the river.\n\nThe hall was half empty by noon.", "We shall wait", ["Marta Kolinska"]),
    ("unclosed, next paragraph is the writer's", "Marta Kolinska said: “We shall wait for the thaw of the river.\n\nThe hall was half empty by noon.", "half empty by noon", ["author"]),
    ("three sentences, speaker at the end, first", "“The map is wrong. It was drawn at night. Nobody asked us,” Marta Kolinska said.", "The map is wrong", ["Marta Kolinska"]),
    ("three sentences, speaker at the end, second", "“The map is wrong. It was drawn at night. Nobody asked us,” Marta Kolinska said.", "It was drawn at night", ["Marta Kolinska"]),
    ("three sentences, speaker before, third", "Tomas Berun said: “The map is wrong. It was drawn at night. Nobody asked us about it.”", "Nobody asked us", ["Tomas Berun"]),
    ("two paragraphs, second opens with a mark", "Tomas Berun said: “The map is wrong. It was drawn at night.\n\n“Nobody asked the villages along the river.”", "Nobody asked the villages", ["Tomas Berun"]),
    ("three paragraphs, third", "Tomas Berun said: “The map is wrong and old.\n\n“It was drawn at night by strangers.\n\n“Nobody asked the villages along the river.”", "Nobody asked the villages", ["Tomas Berun"]),
    ("two paragraphs, writer after", "Tomas Berun said: “The map is wrong. It was drawn at night.\n\n“Nobody asked the villages along the river.” The hall was cold.", "The hall was cold", ["author"]),
    ("term in marks is no speech", "The “peace map” names no date for the withdrawal.", "names no date", ["author"]),
    # where the speaker stands
    ("verdict of, in the sentence after", "“The map was drawn by men who never saw the river.” That was the verdict of Marta Kolinska.", "drawn by men", ["Marta Kolinska"]),
    ("colon at the end of the paragraph before", "Tomas Berun was blunt:\n\n“The map is wrong and must be redrawn.”", "The map is wrong", ["Tomas Berun"]),
    ("in the middle of the second sentence", "“We came to listen. And we heard nothing,” Tomas Berun said, “that we had not read before.”", "that we had not read", ["Tomas Berun"]),
    ("inverted with an office before the name", "“The map is wrong and must be redrawn,” said Polish envoy Marta Kolinska.", "The map is wrong", ["Marta Kolinska"]),
    ("inverted with a description behind the name", "“The map is wrong and must be redrawn,” said Marta Kolinska, the envoy who drew the first one.", "The map is wrong", ["Marta Kolinska"]),
    ("question, asked", "“Who drew this map at night?” asked Marta Kolinska.", "Who drew this map", ["Marta Kolinska"]),
    ("two quotations, two speakers", "“The map is wrong and must be redrawn,” said Marta Kolinska. “It is the only map we have,” said Tomas Berun.", "the only map we have", ["Tomas Berun"]),
    ("two paragraphs, two speakers", "“The map is wrong and must be redrawn,” said Marta Kolinska.\n\n“It is the only map we have,” Tomas Berun replied.", "the only map we have", ["Tomas Berun"]),
    ("goes on after the other's reply", "“The map is wrong and must be redrawn,” said Marta Kolinska. “It is the only one we have,” replied Tomas Berun. “It will have to do until spring.”", "have to do until spring", ["Tomas Berun"]),
    ("wrote on a platform", "“The map is a trap and must go,” Tomas Berun wrote on Chirper.", "must go", ["Tomas Berun"]),
    # partial quotations
    ("called something, in marks", "Tomas Berun called the map “an insult to the river”.", "an insult to the river", ["Tomas Berun"]),
    ("two parts in marks, second", "Marta Kolinska said the map was “drawn at night” and “signed by strangers”.", "signed by strangers", ["Marta Kolinska"]),
    ("part in marks within according to", "The map is “a trap for the valley”, according to Tomas Berun.", "a trap for the valley", ["Tomas Berun"]),
    ("dismissed as, in marks", "Marta Kolinska dismissed the map as “a trap for the whole valley”.", "a trap for the whole valley", ["Marta Kolinska"]),
    # words of saying
    ("told a named person", "Marta Kolinska told Tomas Berun that the map was wrong.", "the map was wrong", ["Marta Kolinska"]),
    ("warned that", "Tomas Berun warned that the bridge would fall.", "the bridge would fall", ["Tomas Berun"]),
    ("warned somebody not to", "Tomas Berun warned Kenya not to cross the river.", "not to cross the river", ["Tomas Berun"]),
    ("urged somebody to", "Marta Kolinska urged both armies to leave the valley.", "to leave the valley", ["Marta Kolinska"]),
    ("denied that", "Tomas Berun denied that arms had crossed the river.", "arms had crossed", ["Tomas Berun"]),
    ("denied doing", "Kenya denied sending arms across the river.", "sending arms", ["Kenya"]),
    ("doubts", "Marta Kolinska doubts the map will hold.", "the map will hold", ["Marta Kolinska"]),
    ("insists that", "Tomas Berun insists the valley is not for sale.", "not for sale", ["Tomas Berun"]),
    ("is open to", "Tomas Berun is open to a vote under foreign eyes.", "open to a vote", ["Tomas Berun"]),
    ("is ready to", "Kenya is ready to send observers.", "ready to send observers", ["Kenya"]),
    ("is opposed to", "Kenya is opposed to the sanctions.", "opposed to the sanctions", ["Kenya"]),
    ("refused to", "Tomas Berun refused to sign the map.", "sign the map", ["Tomas Berun"]),
    ("pledged to", "Marta Kolinska pledged to reopen the port.", "reopen the port", ["Marta Kolinska"]),
    ("ruled out", "Marta Kolinska ruled out a return to the old border.", "a return to the old border", ["Marta Kolinska"]),
    ("issued a warning that", "Tomas Berun issued a warning that the bridge would fall.", "the bridge would fall", ["Tomas Berun"]),
    ("asked whether, said", "Asked whether the map was a trap, Tomas Berun said it was a start.", "it was a start", ["Tomas Berun"]),
    ("is said to", "Kenya is said to oppose the map.", "oppose the map", ["Kenya"]),
    ("wrote in a letter", "In a letter to Tomas Berun, Marta Kolinska wrote that the map was a trap.", "the map was a trap", ["Marta Kolinska"]),
    ("letter of a person", "Marta Kolinska's letter says the map is a trap.", "the map is a trap", ["Marta Kolinska"]),
    ("report by an institute", "A report by the Harbour Institute warns that the bridge will fall.", "the bridge will fall", ["Harbour Institute"]),
    ("thinks, inverted", "The map is a trap, thinks Marta Kolinska.", "The map is a trap", ["Marta Kolinska"]),
    # phrases that name a source
    ("in the words of", "In the words of Tomas Berun, the map is a trap.", "the map is a trap", ["Tomas Berun"]),
    ("in the eyes of", "In Marta Kolinska's eyes, the map is a trap.", "the map is a trap", ["Marta Kolinska"]),
    ("of the opinion that", "Tomas Berun is of the opinion that the map is a trap.", "the map is a trap", ["Tomas Berun"]),
    ("according to, set in, with an office", "The map, according to Polish envoy Marta Kolinska, is a trap.", "is a trap", ["Marta Kolinska"]),
    ("according to an office met before", "Polish envoy Marta Kolinska came late. According to the envoy, the map is a trap.", "the map is a trap", ["Marta Kolinska"]),
    ("in his view", "Tomas Berun came late. In his view, the map is a trap.", "the map is a trap", ["Tomas Berun"]),
    # passives, participles, relative clauses
    ("passive, stressed by", "It was stressed by Tomas Berun that the valley was not for sale.", "the valley was not", ["Tomas Berun"]),
    ("passive, described by as", "The map was described by Marta Kolinska as a trap.", "as a trap", ["Marta Kolinska"]),
    ("passive, two agents", "The map was welcomed by Kenya and Chad.", "welcomed", ["Kenya", "Chad"]),
    ("passive, told by", "Tomas Berun was told by Marta Kolinska that the map was wrong.", "the map was wrong", ["Marta Kolinska"]),
    ("passive, quoted as saying", "Tomas Berun was quoted as saying that the map was a trap.", "the map was a trap", ["Tomas Berun"]),
    ("participle, trailing", "Marta Kolinska left the hall, warning that the bridge would fall.", "the bridge would fall", ["Marta Kolinska"]),
    ("participle, speaking in", "Speaking in Oslo, Tomas Berun said the map was a trap.", "the map was a trap", ["Tomas Berun"]),
    ("participle, adding", "Tomas Berun praised the map, adding that the bridge needed guards.", "the bridge needed guards", ["Tomas Berun"]),
    ("participle, having called", "Having called the map a trap, Marta Kolinska went home.", "the map a trap", ["Marta Kolinska"]),
    ("relative clause, who has warned", "Marta Kolinska, who has warned that the bridge will fall, is in Oslo today.", "the bridge will fall", ["Marta Kolinska"]),
    ("relative clause, which somebody called", "The map, which Tomas Berun called a trap, is out.", "called a trap", ["Tomas Berun"]),
    # acts
    ("voted against", "Chad voted against the resolution.", "voted against", ["Chad"]),
    ("abstained, two", "Kenya and Chad abstained.", "abstained", ["Kenya", "Chad"]),
    ("signed", "Tomas Berun signed the accord.", "signed the accord", ["Tomas Berun"]),
    ("vetoed", "Kenya vetoed the resolution.", "vetoed", ["Kenya"]),
    ("those abstaining were", "Among those abstaining were Kenya, Chad and Mali.", "abstaining", ["Kenya", "Chad", "Mali"]),
    ("welcomed, with while", "Chad welcomed the map while Kenya rejected it.", "rejected it", ["Kenya"]),
    # labels and transcripts
    ("surname label in capitals", "Foreign Minister Tomas Berun met the press.\n\nBERUN: The bridge will open in May.\n\nQUESTION: And the port?\n\nBERUN: The port is next. It will take a month.\n\nWe have no date for the rail line.", "The bridge will open", ["Tomas Berun"]),
    ("label holds for the next paragraph", "Foreign Minister Tomas Berun met the press.\n\nBERUN: The bridge will open in May.\n\nQUESTION: And the port?\n\nBERUN: The port is next. It will take a month.\n\nWe have no date for the rail line.", "no date for the rail line", ["Tomas Berun"]),
    ("question in a transcript", "Foreign Minister Tomas Berun met the press.\n\nBERUN: The bridge will open in May.\n\nQUESTION: And the port?\n\nBERUN: The port is next. It will take a month.\n\nWe have no date for the rail line.", "And the port", ["author"]),
    ("label with Ms", "Envoy Marta Kolinska met the press.\n\nMODERATOR: We begin.\n\nMS. KOLINSKA: The map is a trap.\n\nMODERATOR: And the bridge?\n\nMS. KOLINSKA: It will fall.", "The map is a trap", ["Marta Kolinska"]),
    ("countries as labels", "KENYA: The map is a trap.\n\nCHAD: We welcome the map.\n\nMALI: We have no view yet.", "The map is a trap", ["Kenya"]),
    ("country in brackets behind a name", "MARTA KOLINSKA (Poland) said the map was a trap.", "the map was a trap", ["Marta Kolinska"]),
    ("live-blog stamp, writer", "14.05 – Minister Tomas Berun: The bridge will open in May.\n\n14.12 – Envoy Marta Kolinska: The map is a trap.\n\n14.30 – Rain stops the session in the harbour.", "Rain stops the session", ["author"]),
    ("live-blog stamp before a report", "14:05 Kenya calls for a truce.\n\n14:20 Chad rejects the map.", "rejects the map", ["Chad"]),
    # headlines
    ("headline, country", "Kenya Urges Truce as Talks Stall in Oslo\n\nIt was a long day.", "Truce", ["Kenya"]),
    ("headline, says behind", "Truce Needed Before Winter, Kolinska Says\n\nEnvoy Marta Kolinska spoke in Oslo on Monday.", "Truce Needed", ["Marta Kolinska"]),
    ("headline, colon", "Kolinska: Map Is a Trap for the Valley\n\nEnvoy Marta Kolinska spoke in Oslo on Monday.", "Map Is a Trap", ["Marta Kolinska"]),
    ("headline in the writer's voice", "A Map Without Rivers and Bridges\n\nEnvoy Marta Kolinska spoke in Oslo on Monday.", "Map Without Rivers", ["author"]),
    # read-outs and joint words
    ("the two sides", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. The two sides agreed that borders must hold.", "borders must hold", ["China", "Kenya"]),
    ("the two leaders", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. The two leaders called for a truce.", "a truce", ["Li Wenbo", "Daudi Otieno"]),
    ("both leaders", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. Both leaders rejected the sanctions.", "rejected the sanctions", ["Li Wenbo", "Daudi Otieno"]),
    ("told, according to the read-out", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. Li told Otieno that borders must hold, according to the Chinese read-out.", "borders must hold", ["Li Wenbo"]),
    ("read-out passes on", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. According to the Chinese read-out, Otieno praised the map.", "praised the map", ["Daudi Otieno"]),
    ("in a joint statement", "In a joint statement, China and Kenya called for a truce.", "a truce", ["China", "Kenya"]),
    # going on without a new name
    ("she further stated", "Envoy Marta Kolinska spoke in Oslo. She further stated that the bridge would fall.", "the bridge would fall", ["Marta Kolinska"]),
    ("also said, next paragraph", "Kenyan President Daudi Otieno spoke in Nairobi.\n\nHe also said that ports must open.", "ports must open", ["Daudi Otieno"]),
    ("he added, behind", "Tomas Berun said the map was a trap. The bridge, too, would have to be guarded, he added.", "have to be guarded", ["Tomas Berun"]),
    # nested sources
    ("said that another wanted", "Marta Kolinska said that Tomas Berun wanted a truce.", "a truce", ["Marta Kolinska"]),
    ("according to one, another rejects", "According to Marta Kolinska, Tomas Berun rejects the truce.", "rejects the truce", ["Marta Kolinska"]),
    ("country believes that another opposes", "Poland believes that Kenya opposes the map.", "opposes the map", ["Poland"]),
    ("told me, in a quotation", "“Berun told me the map was a trap,” Marta Kolinska said.", "the map was a trap", ["Marta Kolinska"]),
    ("line of another, polemical", "The Kremlin's line that the map is a trap is nonsense, Marta Kolinska said.", "the map is a trap", ["Marta Kolinska"]),
    # media that pass on
    ("told a paper", "Marta Kolinska told the Harbour Courier that a truce was near.", "a truce was near", ["Marta Kolinska"]),
    ("in an interview with", "In an interview with the Harbour Courier, Tomas Berun said the map was a trap.", "the map was a trap", ["Tomas Berun"]),
    ("told a station, behind", "The map is a trap, Marta Kolinska told Radio Fjord.", "The map is a trap", ["Marta Kolinska"]),
    ("as a paper reports", "As the Harbour Courier reports, Kenya opposes the map.", "opposes the map", ["Kenya"]),
    ("said, a paper reported", "The map is a trap, Marta Kolinska said, the Harbour Courier reported.", "The map is a trap", ["Marta Kolinska"]),
    # offices, capitals, nationalities, groups
    ("office stands for the one introduced", "Kenyan President Daudi Otieno landed in Oslo. The president rejected the map.", "rejected the map", ["Daudi Otieno"]),
    ("same office, two nationalities", "Kenyan President Daudi Otieno met Polish President Marta Kolinska. The Polish president rejected the map.", "rejected the map", ["Marta Kolinska"]),
    ("leader by nationality, two in view", "Kenyan President Daudi Otieno met Polish President Marta Kolinska. The Kenyan leader rejected the map.", "rejected the map", ["Daudi Otieno"]),
    ("capital, act", "Nairobi abstained.", "abstained", ["Kenya"]),
    ("seat of a president", "The White House called the map a trap.", "the map a trap", ["United States"]),
    ("ministry of a capital", "Warsaw's foreign ministry warned that the bridge would fall.", "the bridge would fall", ["Poland"]),
    ("ministry in a capital", "The foreign ministry in Nairobi called for a truce.", "a truce", ["Kenya"]),
    ("spokesman for a president", "A spokesman for the Kenyan president said the map was a trap.", "the map was a trap", ["Kenya"]),
    ("official who is not named", "A Polish official, who asked not to be named, said the map was a trap.", "the map was a trap", ["Poland"]),
    ("people for their country", "The Poles rejected the map at once.", "rejected the map", ["Poland"]),
    ("group, aid workers", "Aid workers said the bridge was unsafe.", "the bridge was unsafe", ["Aid workers"]),
    ("group with a compass point", "Western diplomats said the map was empty.", "the map was empty", ["Western diplomats"]),
    ("group in the street", "Protesters called for a truce.", "a truce", ["Protesters"]),
    ("three countries", "Kenya, Chad and Mali called for a truce.", "a truce", ["Kenya", "Chad", "Mali"]),
    ("two persons", "Marta Kolinska and Tomas Berun called for a truce.", "a truce", ["Marta Kolinska", "Tomas Berun"]),
    ("neither nor", "Neither Kenya nor Chad supports the map.", "supports the map", ["Kenya", "Chad"]),
    # pronouns
    ("he, with a woman and a man", "Envoy Marta Kolinska met Minister Tomas Berun. He rejected the map.", "rejected the map", ["Tomas Berun"]),
    ("she and he in one sentence", "Envoy Marta Kolinska met Minister Tomas Berun. She called the map a trap, but he praised it.", "praised it", ["Tomas Berun"]),
    ("he, subject of the sentence before", "Tomas Berun met Farid Maluki in Oslo. He called for a truce.", "a truce", ["Tomas Berun"]),
    ("she, first in the sentence", "Tomas Berun waited. Before she left, Marta Kolinska called for a truce.", "a truce", ["Marta Kolinska"]),
    ("it, subject of the sentence before", "Kenya sent an envoy to Chad. It called for a truce.", "a truce", ["Kenya"]),
    ("his call", "Tomas Berun came home on Friday. His call for a truce was heard.", "call for a truce", ["Tomas Berun"]),
    ("he, after a woman's words", "Minister Tomas Berun listened. “The map is wrong,” said Marta Kolinska. He disagreed and defended the map.", "defended the map", ["Tomas Berun"]),
    # names
    ("title and surname", "Dr Amara Odole teaches in Lagos. Dr Odole called for a truce.", "a truce", ["Amara Odole"]),
    ("Sir", "Sir Edwin Marlowe called for a truce.", "a truce", ["Edwin Marlowe"]),
    ("Mr with a stop", "Tomas Berun came late. Mr. Berun rejected the map.", "rejected the map", ["Tomas Berun"]),
    ("two hyphens", "Jean-Luc Moreau-Ndiaye called for a truce.", "a truce", ["Jean-Luc Moreau-Ndiaye"]),
    ("surname with a hyphen", "Jean-Luc Moreau-Ndiaye came late. Moreau-Ndiaye rejected the map.", "rejected the map", ["Jean-Luc Moreau-Ndiaye"]),
    ("surname with accents", "Zdeněk Hruščák came late. Hruščák rejected the map.", "rejected the map", ["Zdeněk Hruščák"]),
    ("family name first, Chinese", "Foreign Minister Xi Lan spoke in Beijing. Xi said the map was a trap.", "the map was a trap", ["Xi Lan"]),
    ("single-word name", "Indonesian Foreign Minister Sutrisno called for a truce.", "a truce", ["Sutrisno"]),
    ("single-word name, again", "Indonesian Foreign Minister Sutrisno came late. Sutrisno rejected the map.", "rejected the map", ["Sutrisno"]),
    ("particles", "Ursel von der Heide called for a truce.", "a truce", ["Ursel von der Heide"]),
    ("particles, surname again", "Ursel von der Heide came late. Von der Heide rejected the map.", "rejected the map", ["Ursel von der Heide"]),
    ("Arabic article", "Farid al-Maluki came late. Al-Maluki rejected the map.", "rejected the map", ["Farid al-Maluki"]),
    ("apostrophe in a name", "Fionn O’Harran called for a truce.", "a truce", ["Fionn O'Harran"]),
    ("initials", "J. R. Pemberly called for a truce.", "a truce", ["J. R. Pemberly"]),
    ("given name again", "Amara Odole teaches in Lagos. Amara wants a truce.", "a truce", ["Amara Odole"]),
    ("age and description behind the name", "Marta Kolinska, 52, a teacher in Gdansk, wants a truce.", "a truce", ["Marta Kolinska"]),
    ("former office", "Former Polish president Marta Kolinska called for a truce.", "a truce", ["Marta Kolinska"]),
    # the writer's own voice
    ("writer between two quotations", "“We need a truce before winter,” Marta Kolinska said. The bridge was closed in March. “Nobody can wait for spring,” she said.", "closed in March", ["author"]),
    ("writer beside a report", "It rained in Oslo as Marta Kolinska called for a truce.", "It rained in Oslo", ["author"]),
    ("writer's next paragraph", "Marta Kolinska said the map was a trap.\n\nThe bridge was built in 1931 and has never been repaired.", "built in 1931", ["author"]),
    ("writer's question", "Will Kenya accept the map? Nobody in Oslo has an answer.", "has an answer", ["author"]),
    ("writer's I", "I doubt that the map will hold.", "the map will hold", ["author"]),
    ("plan speaks", "The plan calls for a truce.", "a truce", ["The plan"]),
    # read since the first version of this list
    ("made clear that", "Tomas Berun made clear that the valley was not for sale.", "not for sale", ["Tomas Berun"]),
    ("took issue with", "Marta Kolinska took issue with the map.", "took issue with the map", ["Marta Kolinska"]),
    ("threw weight behind", "Tomas Berun threw his weight behind the map.", "behind the map", ["Tomas Berun"]),
    ("came out in favour of", "Marta Kolinska came out in favour of a ceasefire.", "in favour of a ceasefire", ["Marta Kolinska"]),
    ("as somebody put it, set in", "The map, as Tomas Berun put it, is a trap.", "is a trap", ["Tomas Berun"]),
    ("as somebody put it, before", "As Marta Kolinska put it, the map is a trap.", "the map is a trap", ["Marta Kolinska"]),
    ("position is that", "Kenya's position is that borders must hold.", "borders must hold", ["Kenya"]),
    ("passive, cited by a paper", "Tomas Berun was cited by the Harbour Courier as saying that the map was a trap.", "the map was a trap", ["Tomas Berun"]),
    ("live-blog stamp, first", "14.05 – Minister Tomas Berun: The bridge will open in May.\n\n14.12 – Envoy Marta Kolinska: The map is a trap.\n\n14.30 – Rain stops the session in the harbour.", "The bridge will open", ["Tomas Berun"]),
    ("live-blog stamp, second", "14.05 – Minister Tomas Berun: The bridge will open in May.\n\n14.12 – Envoy Marta Kolinska: The map is a trap.\n\n14.30 – Rain stops the session in the harbour.", "The map is a trap", ["Marta Kolinska"]),
    ("paper reported that", "The Harbour Courier reported that Marta Kolinska wanted a truce.", "a truce", ["Marta Kolinska"]),
    ("minister without a name", "Poland's foreign minister said the map was a trap.", "the map was a trap", ["Poland"]),
    ("office of a body without a name", "The EU's foreign policy chief said the map was a trap.", "the map was a trap", ["European Union"]),
    # read since the first version of this list
    ("they, two countries", "Kenya and Chad sent envoys to Oslo. They called for a truce.", "a truce", ["Kenya", "Chad"]),
    ("they, two persons", "Marta Kolinska and Tomas Berun met in Oslo. They called for a truce.", "a truce", ["Marta Kolinska", "Tomas Berun"]),
]  # fmt: skip

# A careful reader names these speakers and the program does not yet; the last entry says for want of what. One that
# begins to hold fails its test here and moves up.
FAILING = [
    # where the speaker stands
    ("sentence before, no word of saying", "Marta Kolinska lost her patience. “The map was drawn by men who never saw the river.”", "drawn by men", ["Marta Kolinska"], "speaker named only by a sentence without a word of saying beside the quotation"),
    ("sentence after, no word of saying", "“The map was drawn by men who never saw the river.” Marta Kolinska did not hide her anger.", "drawn by men", ["Marta Kolinska"], "speaker named only by a sentence without a word of saying beside the quotation"),
    ("colon without a verb", "Tomas Berun, after the vote: “The map is wrong and must be redrawn.”", "The map is wrong", ["Tomas Berun"], "name and colon before a quotation, without a verb"),
    ("in brackets", "The map (“a trap for the whole valley”, says Marta Kolinska) is out.", "a trap for the whole valley", ["Marta Kolinska"], "report set in brackets behind the quotation"),
    ("quotation before, speaker nods to it", "“We need a truce before winter.” With these words Marta Kolinska opened the talks.", "We need a truce", ["Marta Kolinska"], "speaker named only by a sentence without a word of saying beside the quotation"),
    # words of saying
    ("message was clear", "Marta Kolinska's message was clear: the map must go.", "the map must go", ["Marta Kolinska"], "noun of saying with a possessor, its content behind “is” or “was”"),
    ("or so believes", "The map is a trap, or so Tomas Berun believes.", "The map is a trap", ["Tomas Berun"], "comment clause behind the words, “or so”, “that is what”"),
    ("that is what, behind a dash", "The map is a trap – that is what Tomas Berun thinks.", "The map is a trap", ["Tomas Berun"], "comment clause behind the words, “or so”, “that is what”"),
    # phrases that name a source
    ("for somebody", "For Marta Kolinska, the map is a trap.", "the map is a trap", ["Marta Kolinska"], "source named by “for X” or “from X's point of view”"),
    ("from a point of view", "From Kenya's point of view, the map is a trap.", "the map is a trap", ["Kenya"], "source named by “for X” or “from X's point of view”"),
    # passives, participles, relative clauses
    ("participle, rejected by", "A map rejected by Kenya lay on the table.", "rejected by Kenya", ["Kenya"], "past participle with “by” behind a noun"),
    ("what somebody wants", "What Kenya wants is a truce.", "a truce", ["Kenya"], "cleft sentence"),
    ("it was somebody that", "It was Kenya that asked for a truce.", "asked for a truce", ["Kenya"], "cleft sentence"),
    # acts
    ("votes came from", "Votes against the resolution came from Chad and Mali.", "Votes against the resolution", ["Chad", "Mali"], "votes named by a noun, with where they came from"),
    ("verb left out", "Chad voted for the resolution, Kenya against it.", "Kenya against it", ["Kenya"], "verb left out in the second clause"),
    # labels and transcripts
    ("surname label in a press conference", "Press conference with Minister Tomas Berun in Oslo\n\nBerun: The bridge will open in May.\n\nReporter: And the port?\n\nBerun: The port will open in June.", "open in June", ["Tomas Berun"], "label by a surname that only a heading introduced"),
    ("list of reactions", "Reactions at a glance\n\nKenya: rejects the map.\n\nChad: welcomes the map.\n\nMali: silent so far.", "welcomes the map", ["Chad"], "countries as labels of a list of reactions without a subject"),
    ("Q and A with stops", "Marta Kolinska met us in Oslo.\n\nQ. Will the port open?\n\nA. The port will open in May.\n\nQ. And the bridge?\n\nA. Not yet.", "will open in May", ["Marta Kolinska"], "“Q.” and “A.” with stops are no labels"),
    # headlines
    ("headline in small letters", "Kolinska says map is a trap\n\nEnvoy Marta Kolinska spoke in Oslo on Monday.", "map is a trap", ["Marta Kolinska"], "surname in a headline, the full name only in the text"),
    ("headline with a quotation", "‘The map is a trap for us’: Kolinska rejects border deal\n\nEnvoy Marta Kolinska spoke in Oslo on Monday.", "The map is a trap", ["Marta Kolinska"], "surname in a headline, the full name only in the text"),
    # read-outs and joint words
    ("both, alone", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. Both called for a truce.", "a truce", ["Li Wenbo", "Daudi Otieno"], "“both” alone as a pronoun"),
    ("joint statement by", "A joint statement by China and Kenya called for a truce.", "a truce", ["China", "Kenya"], "issuers of a joint statement after the first"),
    ("they, in a joint statement", "Chinese President Li Wenbo met Kenyan President Daudi Otieno in Nairobi. In a joint statement, they called for a truce.", "a truce", ["Li Wenbo", "Daudi Otieno"], "“they” for two persons"),
    # going on without a new name
    ("most importantly", "Tomas Berun said the map was a trap. Most importantly, the bridge would need guards.", "the bridge would need guards", ["Tomas Berun"], "free indirect speech: the report goes on without a word of saying"),
    ("first, second", "Marta Kolinska named two conditions. First, the bridge must be guarded. Second, the port must open.", "the port must open", ["Marta Kolinska"], "free indirect speech: the report goes on without a word of saying"),
    ("free indirect speech", "Marta Kolinska was scathing. The map was a trap, the river a lie, and nobody would ever sign it.", "nobody would ever sign", ["Marta Kolinska"], "free indirect speech: the report goes on without a word of saying"),
    ("also on her list", "Marta Kolinska called for a truce. Also on her list: guards for the bridge.", "guards for the bridge", ["Marta Kolinska"], "free indirect speech: the report goes on without a word of saying"),
    # nested sources
    ("aide passes on", "An aide said that President Daudi Otieno supported the map.", "supported the map", ["Daudi Otieno"], "an aide or spokesperson of a named person only passes on"),
    ("spokeswoman for a named person", "A spokeswoman for Tomas Berun said he opposed the map.", "opposed the map", ["Tomas Berun"], "an aide or spokesperson of a named person only passes on"),
    # media that pass on
    ("station quoted", "Radio Fjord quoted Tomas Berun as saying the map was a trap.", "the map was a trap", ["Tomas Berun"], "a medium that no list knows only passes on"),
    # offices, capitals, nationalities, groups
    ("nationality alone for a person", "Polish envoy Marta Kolinska met Kenyan envoy Daudi Otieno. The Pole rejected the map.", "rejected the map", ["Marta Kolinska"], "nationality alone for a person met before"),
    ("counterpart", "Polish envoy Marta Kolinska met Kenyan envoy Daudi Otieno. Her Kenyan counterpart rejected the map.", "rejected the map", ["Daudi Otieno"], "“counterpart” for a person met before"),
    ("as well as", "Kenya as well as Chad rejected the map.", "rejected the map", ["Kenya", "Chad"], "“as well as” joins a second speaker"),
    # pronouns
    # names
    ("family name first, Korean", "Park Dae-sik came late. Park rejected the map.", "rejected the map", ["Park Dae-sik"], "hyphenated given name behind a family name is cut"),
    ("two surnames, first used again", "José Luis Arregui Montalbán came late. Arregui rejected the map.", "rejected the map", ["José Luis Arregui Montalbán"], "first of two surnames, used alone"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [pytest.param(*c[1:], id=c[0]) for c in HOLDING]
    + [pytest.param(*c[1:4], id=c[0], marks=pytest.mark.xfail(strict=True, reason=c[4])) for c in FAILING],
)
def test_words_go_to_the_speaker_that_a_careful_reader_names(text: str, words: str, expected: list[str]) -> None:
    assert speakers_of(text, words) == expected
