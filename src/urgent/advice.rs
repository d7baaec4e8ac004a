//! What is answered at once to who writes of an emergency.

use crate::error::Language;

/// What to do now, in the language of who wrote.
pub fn advice(language: Language) -> &'static str {
    match language {
        Language::Chinese => {
            "【自动回复】如遇紧急情况，请立即拨打110（火警119，急救120），不便说话可发短信至12110，并先到安全的地方。\
             本服务不接警，民警可能不会马上看到这里的消息。"
        }
        Language::English => {
            "[Automatic answer] In an emergency call 110 now (fire 119, ambulance 120), or text 12110 if you cannot \
             speak, and get to a safe place first. This service takes no alarms, and an officer may not see \
             your message here at once."
        }
    }
}
