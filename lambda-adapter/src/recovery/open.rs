use sinch_callback_recovery::sinch::{Account, Addresses};

use super::{
    budgets::TableBudgets,
    function::RecoveryFunction,
    hearing::StackHearing,
    host::{BusTeller, RecoveryHost},
    sender::{AwsSender, KeyParameter},
    ses::SesSender,
    suppressions::TableSuppressions,
    switch::ParameterSwitch,
    table::RecoveryTable,
};
use crate::{
    client::{AwsConfig, AwsError},
    config::RecoveryConfig,
    dynamodb::DeliveryTable,
    eventbridge::EventBus,
    hearing::StackEar,
    looks::LookQueue,
    metrics::Metrics,
    random,
    signed_call::SignedCalls,
    ssm::Parameters,
};

impl RecoveryFunction {
    /// The function as it is set up: reads the access key, and the table's own.
    ///
    /// # Errors
    /// Where one of them cannot be read, or is none.
    pub async fn open(config: &RecoveryConfig, aws: &AwsConfig) -> Result<Self, AwsError> {
        let parameters = Parameters::new(aws);
        let key = KeyParameter {
            parameters: parameters.clone(),
            name: config.access_key_parameter.clone(),
        };
        let addresses = match &config.sinch_url {
            Some(base) => Addresses::at(base).map_err(|error| AwsError::of(&error))?,
            None => Addresses::of(config.sinch_region),
        };
        let account = Account {
            addresses,
            key: key.read().await?,
            project_id: config.project_id.clone(),
            app_id: config.app_id.clone(),
            channel_properties: config.channel_properties.clone(),
            callback_url: None,
        };
        let email = config.email_from.clone().map(|from| {
            let configuration_set = config.email_configuration_set.clone();
            SesSender::new(SignedCalls::new(aws), from, configuration_set)
        });
        let new_key = random::key().map_err(|error| AwsError::of(&error))?;
        let table = RecoveryTable::open(
            aws,
            config.recovery_table_name.clone(),
            config.retention.state_secs,
            new_key,
        );
        let table = table.await.map_err(|error| AwsError::of(&error))?;
        let messages = DeliveryTable::new(aws, config.table_name.clone(), config.retention);
        let shared = &config.shared;
        let ear = StackEar::new(
            aws,
            config.queue_url.clone(),
            config.receiver_name.clone(),
            shared.metrics_namespace.clone(),
        );
        let clock = shared.clock;
        let calls = SignedCalls::new(aws);
        let own_key = table.own_key();
        let host = RecoveryHost {
            sender: AwsSender::new(account, key, calls, email, messages.clone(), clock)?,
            suppressions: TableSuppressions::new(table.clone(), clock),
            budgets: TableBudgets::new(table.clone(), config.limits, Metrics::new(shared)),
            switch: ParameterSwitch::new(parameters, config.switch_parameter.clone()),
            hearing: StackHearing::new(ear, messages.clone(), config.stopped_after),
            teller: BusTeller::new(
                EventBus::new(aws, config.event_bus_name.clone()),
                Metrics::new(shared),
            ),
            table,
            messages,
            clock,
        };
        let queue = LookQueue::new(aws, config.intent_queue_url.clone());
        Ok(Self::new(config, host, own_key, queue))
    }
}
