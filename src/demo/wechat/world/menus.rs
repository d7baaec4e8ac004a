//! Menus on residents' phones (菜单消息), and what is chosen there.

use serde_json::{Value, json};

use super::{Line, Refusal, World};

const MOST_CHOICES: usize = 10;
const MOST_LABEL: usize = 128;
const MOST_BESIDE: usize = 1024;

impl World {
    /// A resident chooses what says so in the menu that came last, and gets to know the message's name; nothing when no
    /// menu says so. It is no message of the resident's own: what may be sent remains as it is.
    pub fn click(&mut self, resident: &str, label: &str) -> Option<String> {
        let lines = self.phone(resident);
        let shown = lines.iter().rev().find_map(|line| self.menus.get(&line.msgid));
        let (id, label) = shown?.iter().find(|(_, known)| known == label)?.clone();
        let msgid = self.next("in");
        let line = Line { msgid: msgid.clone(), own: true, text: label.clone() };
        self.met(resident).lines.push(line);
        self.item(3, &msgid, resident, "text", json!({ "content": label, "menu_id": id }));
        Some(msgid)
    }

    /// What can be chosen on a line of a phone.
    pub fn choices(&self, msgid: &str) -> Vec<String> {
        let choices = self.menus.get(msgid).into_iter().flatten();
        choices.map(|(_, label)| label.clone()).collect()
    }

    /// What can be chosen in the menu that came last.
    pub fn offered(&self, resident: &str) -> Vec<String> {
        let lines = self.phone(resident);
        let last = lines.iter().rev().find(|line| self.menus.contains_key(&line.msgid));
        last.map(|line| self.choices(&line.msgid)).unwrap_or_default()
    }

    /// What a menu says on the phone, unless it is none that is taken; it is kept to be chosen from.
    pub(super) fn show_menu(&mut self, msgid: &str, menu: &Value) -> Result<String, Refusal> {
        let beside = |name: &str| menu[name].as_str().unwrap_or_default();
        let (head, tail) = (beside("head_content"), beside("tail_content"));
        if head.len() > MOST_BESIDE || tail.len() > MOST_BESIDE {
            return Err(45002);
        }
        let list = menu["list"].as_array().map(Vec::as_slice).unwrap_or_default();
        if list.len() > MOST_CHOICES {
            return Err(95008);
        }
        let choice = |one: &Value| {
            let part = |name: &str| {
                let text = one["click"][name].as_str().unwrap_or_default();
                (1..=MOST_LABEL).contains(&text.len()).then(|| text.to_owned())
            };
            let is_click = one["type"] == "click";
            Some((part("id")?, part("content")?)).filter(|_| is_click)
        };
        let choices: Option<Vec<(String, String)>> = list.iter().map(choice).collect();
        let choices = choices.filter(|choices| !choices.is_empty()).ok_or(40058)?;
        self.menus.insert(msgid.to_owned(), choices);
        Ok([head, tail].join("\n").trim().to_owned())
    }
}
