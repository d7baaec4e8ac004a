//! Sealed inquiries (密件): who sees one follows from what it is about, whom it concerns and who handles it. The
//! condition itself stands where all conditions of areas do (`db/area.rs`).

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use entity::inquiry_reader::Reason;
use uuid::Uuid;

use super::Inquiry;
use super::handling::Wish;
use super::rules::owner_id;
use super::store::seal::{self, Named};
use super::store::{self, Area};
use crate::actor::{Actor, Role};
use crate::category::InquiryCategory;
use crate::db::{Key, Tx};
use crate::error::{Error, Result, UserErrorCode};

/// What must be known besides the inquiries themselves to judge what somebody wants of them.
pub struct Around {
    role: Role,
    /// Who wants it.
    pub by_id: Uuid,
    /// Who is to take them on, and where that one may handle inquiries.
    assignee: Option<(Uuid, Area)>,
    /// Which of the sealed ones have named that officer.
    named: HashSet<Uuid>,
    /// Whom the sealed ones concern.
    concerned: HashSet<(Uuid, Uuid)>,
}

impl Around {
    /// What is around these inquiries. As many statements for one as for many.
    pub async fn of<'a>(
        tx: &Tx,
        wish: Wish,
        inquiries: impl Iterator<Item = &'a Inquiry>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let sealed = inquiries.filter(|one| one.sealed).map(|one| one.id.key.clone());
        let sealed: Vec<Key> = sealed.collect();
        let concerned = match wish {
            Wish::Assign(Some(_)) | Wish::Recategorize(_) => seal::concerned(tx, &sealed).await?,
            _ => Vec::new(),
        };
        let actor = tx.scope().actor();
        let mut around = Self {
            role: actor.role,
            by_id: actor.id,
            assignee: None,
            named: HashSet::new(),
            concerned: concerned.into_iter().collect(),
        };
        if let Wish::Assign(Some(officer_id)) = wish {
            around.assignee = Some((officer_id, store::area_of(tx, officer_id, now).await?));
            around.named = seal::named(tx, officer_id, &sealed).await?.into_iter().collect();
        }
        Ok(around)
    }

    /// Whether the officer who is to take an inquiry on may.
    pub fn assignable(&self, inquiry: &Inquiry) -> Result<()> {
        let Some((officer_id, area)) = &self.assignee else { return Ok(()) };
        let id = inquiry.id.uuid();
        if !area.holds(inquiry) || self.concerned.contains(&(id, *officer_id)) {
            return Err(Error::user(
                UserErrorCode::NotFound,
                "assigneeId",
                "没有找到负责该村的这位民警。",
                "No such officer looks after this village.",
            ));
        }
        if inquiry.sealed && !self.named.contains(&id) && self.role == Role::Officer {
            return Err(Error::user(
                UserErrorCode::Invalid,
                "assigneeId",
                "该咨询为密件，请所长指定可以查看的民警。",
                "This inquiry is sealed. The chief names who may see it.",
            ));
        }
        Ok(())
    }

    /// Whether an inquiry is sealed once it is about `category`. Whom it concerns must not see it later either.
    pub fn sealed(&self, inquiry: &Inquiry, category: InquiryCategory) -> Result<bool> {
        let concerns = self.concerned.iter().any(|(id, _)| *id == inquiry.id.uuid());
        let sealed = category.is_sealed() || concerns;
        if inquiry.sealed && !sealed && self.role == Role::Officer {
            return Err(Error::user(
                UserErrorCode::WrongState,
                "category",
                "该咨询为密件，由所长或县局改为其他类别。",
                "This inquiry is sealed. The chief or the county office may unseal it.",
            ));
        }
        Ok(sealed)
    }
}

/// Who handles a sealed inquiry goes on seeing it: who changed it, who has it, and who answers for it.
pub async fn handled<'a>(
    tx: &Tx,
    inquiries: impl Iterator<Item = &'a Inquiry>,
    now: DateTime<Utc>,
) -> Result<()> {
    let actor = tx.scope().actor();
    let me = actor.role.of_staff().map(|_| actor.id);
    let mut named = HashSet::new();
    for inquiry in inquiries.filter(|inquiry| inquiry.sealed) {
        for officer_id in [me, inquiry.assignee_id, owner_id(inquiry)].into_iter().flatten() {
            named.insert(handles(inquiry, officer_id));
        }
    }
    seal::name(tx, &Vec::from_iter(named), now).await
}

/// That an officer handles an inquiry.
pub fn handles(inquiry: &Inquiry, officer_id: Uuid) -> Named {
    Named { inquiry_id: inquiry.id.uuid(), officer_id, reason: Reason::Handles, by: None }
}

/// Who sees a new inquiry first, when it is sealed: the member of staff who writes it down, who answers for it, and who
/// is alerted by it. Whom it concerns never does.
pub fn first_readers(
    actor: &Actor,
    inquiry: &Inquiry,
    alerted: Option<Uuid>,
    concerned: Option<Uuid>,
) -> Vec<Named> {
    let me = actor.role.of_staff().map(|_| actor.id);
    let mut officers: Vec<Uuid> = Vec::new();
    for officer_id in [me, owner_id(inquiry), alerted].into_iter().flatten() {
        if inquiry.sealed && Some(officer_id) != concerned && !officers.contains(&officer_id) {
            officers.push(officer_id);
        }
    }
    let on_duty = |officer_id| Named { reason: Reason::OnDuty, ..handles(inquiry, officer_id) };
    let why = |officer_id| {
        if Some(officer_id) == me { handles(inquiry, officer_id) } else { on_duty(officer_id) }
    };
    officers.into_iter().map(why).collect()
}
