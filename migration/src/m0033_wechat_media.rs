//! Files that residents send in WeChat are fetched after their message is there.

use sea_orm_migration::{prelude::*, schema::*};

use crate::run;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [text_null("media_state"), timestamp_with_time_zone_null("media_next_try_at")]
        {
            let alter = Table::alter().table("wechat_message").add_column(column).take();
            manager.alter_table(alter).await?;
        }
        let tries = integer("media_tries").default(0).take();
        manager
            .alter_table(Table::alter().table("wechat_message").add_column(tries).take())
            .await?;
        run(
            manager,
            &["CREATE INDEX wechat_message_media ON wechat_message (channel_id, media_next_try_at) \
               WHERE media_state = 'WANTED'"],
        )
        .await
    }
}
