//! The rules of leaving.

use chrono::{DateTime, Utc};
use entity::household;
use entity::household_status_change::Cause;
use uuid::Uuid;

use crate::access::Act;
use crate::actor::Role;
use crate::db::{Once, Tx};
use crate::error::Result;
use crate::household::state::Move;
use crate::household::{
    Consent, Contact, Happened, Household, contact_changed, erase_contact, find, households_of,
    in_force, links, lock, of_version, settle, unlink,
};
use crate::officer;
use crate::payload::expected;
use crate::request::Request;
use crate::{
    appointment, attachment, friend, import, inquiry, merge, messenger, privacy, rating, record,
};

/// Ends a contact's speaking for a household of this version.
pub async fn remove(
    request: &Request,
    household_id: Uuid,
    contact_id: Uuid,
    version: i32,
) -> Result<Household> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::ManageContact).await?;
    lock_contact(&tx, contact_id).await?;
    let before = of_version(&tx, household_id, version).await?;
    let gone = unlink(&tx, contact_id, &[household_id]).await?;
    expected((gone > 0).then_some(()), "contactId")?;
    tx.record(contact_changed(contact_id, &before, now));
    let erased = if households_of(&tx, contact_id).await?.is_empty() {
        Some(erase(&mut tx, contact_id, &[household_id], now).await?)
    } else {
        None
    };
    leave(request, &mut tx, vec![before], erased.as_deref(), now).await?;
    let after = find(&tx, household_id, "householdId").await?;
    tx.commit().await?;
    if erased.is_some() {
        request.service().tokens.end(contact_id);
    }
    Ok(after)
}

/// Withdraws a contact's consent: nothing of the contact is left but the record of it.
pub async fn withdraw(request: &Request, contact_id: Uuid, once: Once) -> Result<Consent> {
    let now = request.service().clock.now();
    let mut tx = request.begin(Act::WithdrawConsent).await?;
    let actor = *tx.scope().actor();
    // A resident sees the others who speak for the household, and speaks for none of them.
    let other = actor.role == Role::Resident && actor.id != contact_id;
    expected((!other).then_some(()), "contactId")?;
    let consent = in_force(&tx, contact_id).await?;
    let id = consent.as_ref().map(|consent| consent.id.uuid()).unwrap_or_default();
    if let Some(first) = once.claim(&tx, id, now).await? {
        return expected(record::one(&tx, &first.into(), ()).await?, "idempotencyKey");
    }
    lock_contact(&tx, contact_id).await?;
    let consent = expected(consent, "contactId")?;
    let ids = households_of(&tx, contact_id).await?;
    let households = lock(&tx, &ids).await?;
    unlink(&tx, contact_id, &ids).await?;
    for household in &households {
        tx.record(contact_changed(contact_id, household, now));
    }
    let name = erase(&mut tx, contact_id, &ids, now).await?;
    leave(request, &mut tx, households, Some(&name), now).await?;
    tx.commit().await?;
    request.service().tokens.end(contact_id);
    Ok(Consent { withdrawn_at: Some(now), ..consent })
}

/// The contact in the caller's area, whom nobody else changes until the change is over.
async fn lock_contact(tx: &Tx, id: Uuid) -> Result<Contact> {
    expected(record::lock(tx, &id.into()).await?, "contactId")
}

/// Erases a contact who speaks for nobody any more, last for these households, and answers with the name
/// that is to be forgotten.
async fn erase(
    tx: &mut Tx,
    contact_id: Uuid,
    households: &[Uuid],
    now: DateTime<Utc>,
) -> Result<String> {
    officer::sign_out(tx, contact_id, now).await?;
    attachment::forget(tx, contact_id, now).await?;
    inquiry::forget_contact(tx, contact_id, households).await?;
    messenger::forget_contact(tx, contact_id, now).await?;
    friend::forget_contact(tx, contact_id, now).await?;
    rating::forget_contact(tx, contact_id).await?;
    privacy::forget_contact(tx, contact_id).await?;
    let name = erase_contact(tx, contact_id, now).await?;
    import::forget_name(tx, &name, households).await?;
    merge::forget(tx, households).await?;
    Ok(name)
}

/// What follows for households that a contact has left, and whose label may have the name of it.
async fn leave(
    request: &Request,
    tx: &mut Tx,
    households: Vec<household::Model>,
    erased: Option<&str>,
    now: DateTime<Utc>,
) -> Result<()> {
    let happened = Happened { made: Move::Left, cause: Cause::ContactLeft, reason: None, at: now };
    let ids: Vec<Uuid> = households.iter().map(|household| household.id).collect();
    settle(request, tx, households, happened, |household| {
        if let Some(name) = erased {
            household.label = nameless(&household.label, name, household.door);
        }
    })
    .await?;
    let speaking = links(tx, &ids).await?;
    let silent: Vec<Uuid> = ids.into_iter().filter(|id| !speaking.contains_key(id)).collect();
    appointment::give_up(tx, &silent, now).await
}

/// A label in which the number of the door stands for a name: 刘河村3组-12号. One character may be part of
/// a place's name, so it is taken for a name only where the name stands.
fn nameless(label: &str, name: &str, door: i32) -> String {
    let door = format!("{door}号");
    match label.rsplit_once('-') {
        _ if name.chars().nth(1).is_some() => label.replace(name, &door),
        Some((place, who)) if who == name => format!("{place}-{door}"),
        None if label == name => door,
        _ => label.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::nameless;

    #[test]
    fn a_name_is_taken_out_of_a_label() {
        for (label, name, expected) in [
            ("刘河村3组-王建国", "王建国", "刘河村3组-12号"),
            ("王建国", "王建国", "12号"),
            ("王建国、王建国", "王建国", "12号、12号"),
            ("王庄3组-王", "王", "王庄3组-12号"),
            ("王庄3组", "王", "王庄3组"),
            ("王", "王", "12号"),
            ("刘河村3组-李秀英", "王建国", "刘河村3组-李秀英"),
        ] {
            assert_eq!(nameless(label, name, 12), expected);
        }
    }
}
