//! Who may be told, and where: what the browser tests of pushes cannot see from outside.

use crate::kit::TestApp;
use reqwest::Method;
use serde_json::json;

const KEY: &str = "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY";
const AUTH: &str = "_ordMnz7uTCmrpBTeUV4Bw";

#[tokio::test]
async fn only_a_browser_of_somebody_registers_and_only_public_services_are_asked() {
    let app = TestApp::new().await;
    let ana = app.signed_up("acme").await;
    let register = async |caller: &crate::kit::Caller, endpoint: &str, key: &str| {
        let body = json!({"endpoint": endpoint, "keys": {"p256dh": key, "auth": AUTH}, "language": "de"});
        caller.request(Method::POST, "/do/account/push").json(&body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(register(&ana, "https://push.example.com/one", KEY).await, 204);
    for endpoint in ["http://push.example.com/", "https://127.0.0.1/", "https://[::1]/", "https://169.254.169.254/latest", "https://2130706433/", "x"]
    {
        assert_eq!(register(&ana, endpoint, KEY).await, 422, "{endpoint}");
    }
    for key in ["", "AAAA", &KEY.replace('L', "x")] {
        assert_eq!(register(&ana, "https://push.example.com/two", key).await, 422, "{key}");
    }
    assert_eq!(register(&app.anonymous(), "https://push.example.com/three", KEY).await, 401);
    let rows = || async {
        let mut raw = app.t.raw().await;
        sqlx::query_as::<_, (String, String)>("select endpoint, language from push_devices order by created_at").fetch_all(&mut raw).await.unwrap()
    };
    assert_eq!(rows().await, [("https://push.example.com/one".to_owned(), "de".to_owned())]);

    // Nobody takes another's device off; the same browser under somebody else is theirs alone.
    let eve = app.signed_up("evil").await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from push_devices").fetch_one(&mut app.t.raw().await).await.unwrap();
    eve.request(Method::POST, "/do/account/push/remove").form(&[("id", id.to_string())]).send().await.unwrap();
    assert_eq!(rows().await.len(), 1);
    assert_eq!(register(&eve, "https://push.example.com/one", KEY).await, 204);
    let whose: Vec<String> =
        sqlx::query_scalar("select u.email from push_devices d join users u on u.id = d.user_id").fetch_all(&mut app.t.raw().await).await.unwrap();
    assert_eq!(whose, ["evil@evil.test"]);

    // Stopped from another browser it does not come back by itself, only when its person says so again.
    let id: uuid::Uuid = sqlx::query_scalar("select id from push_devices").fetch_one(&mut app.t.raw().await).await.unwrap();
    eve.request(Method::POST, "/do/account/push/remove").form(&[("id", id.to_string())]).send().await.unwrap();
    let body = json!({"endpoint": "https://push.example.com/one", "keys": {"p256dh": KEY, "auth": AUTH}, "again": true});
    assert_eq!(eve.request(Method::POST, "/do/account/push").json(&body).send().await.unwrap().status().as_u16(), 404);
    assert_eq!(register(&eve, "https://push.example.com/one", KEY).await, 204);
    assert_eq!(eve.request(Method::POST, "/do/account/push").json(&body).send().await.unwrap().status().as_u16(), 204);

    // Ended from afar, the session takes its device along.
    sqlx::query("delete from sessions where user_id = (select id from users where email = 'evil@evil.test')")
        .execute(&mut app.t.raw().await)
        .await
        .unwrap();
    assert!(rows().await.is_empty());
    // The key is one for all processes, whatever each would have made.
    let again = server::push::Pusher::new(&app.t.db, server::egress::Egress::new(false).unwrap(), "https://x.test").await.unwrap();
    assert_eq!(again.public_key(), &*app.state.push_key);
}
