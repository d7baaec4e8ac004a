//! What an administrator can do about what is wrong with a channel.

use super::check::ChannelFindingCode as Code;
use crate::error::Text;

/// What is wrong and what to do about it.
pub fn advice(code: Code) -> Text {
    let (chinese, english) = match code {
        Code::Disabled => (
            "渠道已停用。需要使用时请重新启用。",
            "The channel is out of use. Enable it when it is wanted.",
        ),
        Code::AccountMissing => (
            "未填写客服账号（open_kfid）。请在企业微信管理后台“微信客服”中查看后填写。",
            "The customer service account (open_kfid) is missing. WeCom's console shows it under WeChat customer service.",
        ),
        Code::SecretMissing => (
            "未填写Secret。请在企业微信管理后台打开可调用接口的应用，复制Secret后填写。",
            "The secret is missing. Open the app that may call the API in WeCom's console and copy its secret.",
        ),
        Code::CallbackKeysMissing => (
            "未填写回调的Token和EncodingAESKey。请在管理后台“接收消息服务器配置”中生成后填写。",
            "The callback's token and key are missing. Make them in the console where messages are received, and enter them here.",
        ),
        Code::CallbackNeverVerified => (
            "微信一侧尚未用当前密钥验证过回调地址。请把callbackUrl填入管理后台并保存；仍不成功时，请检查域名、证书和防火墙。",
            "WeChat's side has not checked the callback's address with these keys. Enter callbackUrl in the console and save; \
             if that fails, look at the domain, the certificate and the firewall.",
        ),
        Code::CallbackSilent => (
            "已有7天没有收到回调。如期间确有居民来信，请检查回调地址和可调用接口的应用是否仍然有效。",
            "Nothing was delivered for 7 days. If residents did write, see whether the callback's address and the app still hold.",
        ),
        Code::OldKeysStillGood => (
            "旧的回调密钥仍然有效。管理后台改用新密钥并验证通过后，请停用旧密钥。",
            "The callback's old keys are still good. Retire them when the console has the new ones and they were checked.",
        ),
        Code::PublicAddressMissing => (
            "未设置本服务的公网地址（HUHUTONG_PUBLIC_URL），callbackUrl只显示路径。请联系运维人员设置。",
            "The service's public address (HUHUTONG_PUBLIC_URL) is not set, so callbackUrl is only a path. Ask the operator to set it.",
        ),
        Code::BadSecret => (
            "Secret不正确。请从管理后台重新复制。",
            "The secret is wrong. Copy it from the console again.",
        ),
        Code::BadCorpId => (
            "企业ID不正确。请在管理后台“我的企业”中核对。",
            "There is no such corporation. Compare the id with the one in the console.",
        ),
        Code::AddressNotTrusted => (
            "本服务的出口IP不在企业可信IP内。请在管理后台该应用的“企业可信IP”中添加。",
            "The service's address is not trusted. Add it to the app's trusted addresses (企业可信IP) in the console.",
        ),
        Code::NotPermitted => (
            "该应用无权调用接口。请在管理后台“微信客服”或“客户联系”的“可调用接口的应用”中添加该应用。",
            "The app may not call this API. Add it in the console to the apps that may (可调用接口的应用).",
        ),
        Code::ApiSwitchedOff => (
            "微信客服的API已关闭。请在管理后台“微信客服”的“API”中开启。",
            "The API of WeChat customer service is switched off. Switch it on in the console.",
        ),
        Code::AccountNotFound => (
            "没有找到该客服账号，或该应用无权管理它。请核对open_kfid，并在管理后台授权。",
            "There is no such customer service account, or the app may not manage it. Compare open_kfid and grant the app access.",
        ),
        Code::ApiRefused => (
            "微信一侧拒绝了请求。请按apiError中的错误码查阅企业微信文档。",
            "WeChat's side refused. Look up the number in apiError in WeCom's documents.",
        ),
        Code::ApiUnreachable => (
            "无法连接微信一侧的接口。请检查接口地址、网络和防火墙。",
            "WeChat's API cannot be reached. Look at its address, the network and the firewall.",
        ),
    };
    Text::new(chinese, english)
}
