//! `iam-policy` gives what the benchmark's document shows, and no more than a plan needs.

use serde_json::{Value, json};

use super::bare::bare;
use super::bench_stand_in::project;

fn policy(arguments: &[&str]) -> Value {
    policy_with(arguments, &[])
}

fn policy_with(arguments: &[&str], variables: &[(&str, &str)]) -> Value {
    let output = bare()
        .arg("iam-policy")
        .args(arguments)
        .current_dir(project(""))
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_documents_own_example_comes_out_as_it_stands_there() {
    let found = policy(&[
        "anthropic.claude-3-5-sonnet-20241022-v1:0",
        "meta.llama3-1-70b-instruct-v1:0",
        "mistral.mistral-large-2407-v1:0",
        "amazon.titan-text-premier-v1:0",
    ]);
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            "Resource": [
                "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20241022-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/meta.llama3-1-70b-instruct-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/mistral.mistral-large-2407-v1:0",
                "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-text-premier-v1:0"
            ]
        }]
    });
    assert_eq!(found, expected);
}

#[test]
fn the_documents_role_for_another_account_comes_out_as_it_stands_there() {
    let found = policy(&["--cross-account", "987654321098", "--any-model"]);
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": "arn:aws:iam::987654321098:root" },
            "Action": "sts:AssumeRole"
        }]
    });
    let permissions = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
            "Resource": "arn:aws:bedrock:*::foundation-model/*"
        }]
    });
    assert_eq!(found["trust_policy"], trust);
    assert_eq!(found["permissions_policy"], permissions);
}

#[test]
fn a_role_of_another_partition_is_written_in_that_partition() {
    let found = policy(&[
        "--cross-account",
        "987654321098",
        "--any-model",
        "--region",
        "us-gov-west-1",
    ]);
    assert_eq!(
        found["trust_policy"]["Statement"][0]["Principal"]["AWS"],
        "arn:aws-us-gov:iam::987654321098:root"
    );
    assert_eq!(
        found["permissions_policy"]["Statement"][0]["Resource"],
        "arn:aws-us-gov:bedrock:*::foundation-model/*"
    );
}

#[test]
fn a_role_for_any_model_may_also_use_the_profiles_that_the_plan_asks_by() {
    let haiku = "us.anthropic.claude-3-5-haiku-20241022-v1:0";
    let cross = ["--cross-account", "987654321098", "--any-model", haiku];
    for (more, profiles, note) in [
        (
            vec![],
            "arn:aws:bedrock:*:*:inference-profile/*",
            "note: an inference profile of any account is allowed",
        ),
        (
            vec!["--account", "111122223333"],
            "arn:aws:bedrock:*:111122223333:inference-profile/*",
            "",
        ),
    ] {
        let output = bare()
            .arg("iam-policy")
            .args(cross)
            .args(more)
            .current_dir(project(""))
            .output()
            .unwrap();
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            found["permissions_policy"]["Statement"][0]["Resource"],
            json!(["arn:aws:bedrock:*::foundation-model/*", profiles])
        );
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(note), "{told}");
        // It would be of another policy.
        assert!(!told.contains("--destination"), "{told}");
        assert_eq!(told.contains("any account"), !note.is_empty(), "{told}");
    }
}

#[test]
fn an_application_profile_is_allowed_beside_any_model() {
    let profile = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc123";
    let found = policy(&["--cross-account", "987654321098", "--any-model", profile]);
    assert_eq!(
        found["permissions_policy"]["Statement"][0]["Resource"],
        json!(["arn:aws:bedrock:*::foundation-model/*", profile])
    );
}

#[test]
fn a_plan_needs_its_tutors_its_student_and_its_judge() {
    let found = policy(&[
        "--model",
        "llama-3-1-70b",
        "--region",
        "us-east-1,us-west-2",
    ]);
    let arn =
        |region: &str, model: &str| format!("arn:aws:bedrock:{region}::foundation-model/{model}");
    let (llama, haiku, sonnet) = (
        "meta.llama3-1-70b-instruct-v1:0",
        "anthropic.claude-3-5-haiku-20241022-v1:0",
        "anthropic.claude-3-5-sonnet-20241022-v2:0",
    );
    let expected: Vec<String> = [llama, haiku, sonnet]
        .into_iter()
        .flat_map(|model| [arn("us-east-1", model), arn("us-west-2", model)])
        .collect();
    assert_eq!(found["Statement"][0]["Resource"], json!(expected));
}

#[test]
fn the_region_of_the_environment_is_the_one_that_is_allowed() {
    let llama = "meta.llama3-1-70b-instruct-v1:0";
    for (variable, arguments, region) in [
        ("AWS_REGION", vec![llama], "eu-west-1"),
        ("AWS_DEFAULT_REGION", vec![llama], "eu-west-1"),
        (
            "AWS_REGION",
            vec![llama, "--region", "us-west-2"],
            "us-west-2",
        ),
    ] {
        let found = policy_with(&arguments, &[(variable, "eu-west-1")]);
        assert_eq!(
            found["Statement"][0]["Resource"],
            format!("arn:aws:bedrock:{region}::foundation-model/{llama}")
        );
    }
}

#[test]
fn a_profile_of_any_part_of_the_world_is_allowed_with_the_regions_behind_it() {
    let haiku = "anthropic.claude-haiku-4-5-20251001-v1:0";
    for (prefix, region, partition, behind) in [
        ("us", "us-east-1", "aws", "us-west-2"),
        ("eu", "eu-west-1", "aws", "eu-south-2"),
        ("apac", "ap-southeast-1", "aws", "ap-northeast-3"),
        ("jp", "ap-northeast-1", "aws", "ap-northeast-3"),
        ("au", "ap-southeast-2", "aws", "ap-southeast-4"),
        ("us-gov", "us-gov-west-1", "aws-us-gov", "us-gov-east-1"),
    ] {
        let id = format!("{prefix}.{haiku}");
        let found = policy(&[&id, "--region", region, "--account", "111122223333"]);
        let profile =
            format!("arn:{partition}:bedrock:{region}:111122223333:inference-profile/{id}");
        assert_eq!(found["Statement"][0]["Resource"], profile);
        let models = found["Statement"][1]["Resource"].as_array().unwrap();
        for region in [region, behind] {
            let model = format!("arn:{partition}:bedrock:{region}::foundation-model/{haiku}");
            assert!(models.contains(&json!(model)), "{model}\n{models:?}");
        }
        assert_eq!(
            found["Statement"][1]["Condition"]["StringLike"]["bedrock:InferenceProfileArn"],
            json!([profile])
        );
    }
}

#[test]
fn help_offers_only_what_a_policy_depends_on() {
    let output = bare().args(["iam-policy", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for flag in ["--cassette", "--prices", "--on "] {
        assert!(!help.contains(flag), "{flag}\n{help}");
    }
}
