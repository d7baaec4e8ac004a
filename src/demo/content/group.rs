//! Fills one village group: who lives behind each door, how far the work there has come, and who
//! speaks for the household. Most people of a group share a few surnames.

use std::collections::HashSet;

use super::divisions::{Township, Village, short_name};
use super::households::{MadeUpContact, MadeUpHousehold, MadeUpStatus, unassigned_phone};
use super::names::{self, Gender, Generation, Surname};
use super::random::Random;

/// The head of the household (户主).
struct Head {
    surname: Surname,
    generation: Generation,
    gender: Gender,
    name: String,
}

/// One village group while it is being filled.
pub(super) struct Group<'a> {
    random: Random,
    town: &'a Township,
    village: &'a Village,
    number: u16,
    /// The family most people of the group belong to.
    clan: Surname,
    /// Enrolled households in a hundred; villages differ.
    enrolled_percent: u32,
    /// First number of the phones given out in this group.
    phones_from: u32,
    /// Names in use: two people of one name in a group are rare.
    taken: HashSet<String>,
}

impl<'a> Group<'a> {
    /// The group before its first door; `at` is the village's place in the town.
    pub(super) fn new(
        seed: u64,
        town: &'a Township,
        at: u32,
        village: &'a Village,
        number: u16,
    ) -> Self {
        let enrolled_percent = Random::of(seed, &[u64::from(at)]).between(74, 87);
        let mut random = Random::of(seed, &[u64::from(at), u64::from(number)]);
        let family = names::surname_in(&village.name).filter(|_| random.chance(60));
        Self {
            clan: family.unwrap_or_else(|| names::surname(&mut random)),
            random,
            town,
            village,
            number,
            enrolled_percent,
            phones_from: (at * 100 + u32::from(number)) * 1000,
            taken: HashSet::new(),
        }
    }

    /// Its households, door by door.
    pub(super) fn households(mut self) -> impl Iterator<Item = MadeUpHousehold> {
        let doors = self.random.between(40, 90);
        (1..).take(doors as usize).map(move |door| self.household(door))
    }

    fn household(&mut self, door: u16) -> MadeUpHousehold {
        let status = self.status();
        let people_count = self.people_count(status);
        let head = self.head(status);
        let contacts = match status {
            MadeUpStatus::Enrolled => self.speakers(door, &head, people_count),
            MadeUpStatus::NoSmartphone if self.random.chance(45) => vec![self.carer(door, &head)],
            _ => Vec::new(),
        };
        let known_by = match contacts.first() {
            Some(primary) if status == MadeUpStatus::Enrolled => &primary.name,
            _ => &head.name,
        };
        let place = format!("{}{}组", short_name(&self.village.name), self.number);
        MadeUpHousehold {
            village_code: self.village.code.clone(),
            group_number: self.number,
            door,
            label: format!("{place}-{known_by}"),
            address: format!("{}{place}{door}号", self.town.name),
            people_count,
            status,
            contacts,
        }
    }

    fn status(&mut self) -> MadeUpStatus {
        use MadeUpStatus as S;
        const NOT_ENROLLED: [(S, u32); 6] = [
            (S::Unvisited, 22),
            (S::Visited, 20),
            (S::MovedAway, 20),
            (S::NoSmartphone, 18),
            (S::Vacant, 12),
            (S::Declined, 8),
        ];
        if self.random.chance(self.enrolled_percent) {
            return S::Enrolled;
        }
        self.random.weighted(&NOT_ENROLLED).copied().unwrap_or(S::Unvisited)
    }

    fn people_count(&mut self, status: MadeUpStatus) -> u8 {
        const FEW: [(u8, u32); 3] = [(1, 52), (2, 42), (3, 6)];
        const USUAL: [(u8, u32); 8] =
            [(1, 6), (2, 17), (3, 18), (4, 24), (5, 17), (6, 12), (7, 4), (8, 2)];
        let sizes: &[(u8, u32)] = match status {
            MadeUpStatus::NoSmartphone | MadeUpStatus::Vacant => &FEW,
            _ => &USUAL,
        };
        self.random.weighted(sizes).copied().unwrap_or(1)
    }

    fn head(&mut self, status: MadeUpStatus) -> Head {
        let surname =
            if self.random.chance(40) { self.clan } else { names::surname(&mut self.random) };
        let generation = match self.random.below(100) {
            _ if status == MadeUpStatus::NoSmartphone => Generation::Elder,
            0..32 => Generation::Elder,
            32..80 => Generation::Middle,
            _ => Generation::Young,
        };
        let gender = if self.random.chance(78) { Gender::Man } else { Gender::Woman };
        let name = self.named(surname, generation, gender);
        Head { surname, generation, gender, name }
    }

    /// One primary contact and up to two others of the same household.
    fn speakers(&mut self, door: u16, head: &Head, people_count: u8) -> Vec<MadeUpContact> {
        let wanted: usize = match self.random.below(100) {
            0..58 => 1,
            58..92 => 2,
            _ => 3,
        };
        let mut relations = vec!["户主", "配偶"];
        if head.generation != Generation::Young {
            relations.extend(["儿子", "女儿", "儿媳"]);
        }
        if head.generation == Generation::Elder {
            relations.drain(..2);
        }
        let first = self.random.below(2) as usize;
        let count = wanted.min(usize::from(people_count)).min(relations.len());
        relations.rotate_left(first);
        relations
            .into_iter()
            .take(count)
            .zip(0..)
            .map(|(relation, nth)| self.contact(door, nth, head, relation))
            .collect()
    }

    /// Somebody outside the household who passes messages on.
    fn carer(&mut self, door: u16, head: &Head) -> MadeUpContact {
        const CARERS: [&str; 5] = ["侄子", "邻居", "村民组长", "儿子（在外）", "女儿（在外）"];
        let relation = self.random.pick(&CARERS).copied().unwrap_or("邻居");
        self.contact(door, 0, head, relation)
    }

    fn contact(
        &mut self,
        door: u16,
        nth: u32,
        head: &Head,
        relation: &'static str,
    ) -> MadeUpContact {
        let other = if head.gender == Gender::Man { Gender::Woman } else { Gender::Man };
        let child = match head.generation {
            Generation::Elder => Generation::Middle,
            _ => Generation::Young,
        };
        let stranger = names::surname(&mut self.random);
        let name = match relation {
            "户主" => head.name.clone(),
            "配偶" => self.named(stranger, head.generation, other),
            "儿媳" => self.named(stranger, child, Gender::Woman),
            "女儿" | "女儿（在外）" => self.named(head.surname, child, Gender::Woman),
            "儿子" | "儿子（在外）" | "侄子" => {
                self.named(head.surname, child, Gender::Man)
            }
            _ => self.named(stranger, Generation::Middle, Gender::Man),
        };
        let number = self.phones_from + u32::from(door) * 4 + nth;
        MadeUpContact { name, phone: unassigned_phone("100", number), relation: Some(relation) }
    }

    fn named(&mut self, surname: Surname, generation: Generation, gender: Gender) -> String {
        let mut name = String::new();
        for _ in 0..3 {
            let given = names::given_name(&mut self.random, generation, gender);
            name = format!("{}{given}", surname.written);
            if self.taken.insert(name.clone()) {
                break;
            }
        }
        name
    }
}
