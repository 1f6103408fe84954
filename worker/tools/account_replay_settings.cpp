// The settings that a replay goes through a journal with.
#include "common/base/errc.hpp"
#include "worker/engine.hpp"
#include "worker/recorded_settings.hpp"
#include "worker/tools/account_replay.hpp"

namespace bullpen::tools {

void AccountReplay::note_settings(std::string sentence) {
    auto& note = facts_.settings_note;
    note += (note.empty() ? "" : "; ") + std::move(sentence);
}

config::AccountSettings AccountReplay::recorded(const config::SettingTexts& texts) {
    std::vector<std::string> left_out;
    auto settings = worker::as_recorded(own_, texts, left_out);
    for (const auto& key : left_out)
        note_settings("'" + key + "' is not one that this program takes as it was");
    return settings;
}

// Records that an older program wrote come before any settings: those that it had are not known,
// and the first that are known are more likely than those of today.
Result<void> AccountReplay::begin_settings() {
    storage::SystemFileSystem files;
    std::uint64_t first = 0;
    std::uint64_t others = 0;
    std::optional<worker::RecordedSettings> found;
    const auto looked = storage::Journal::look(
        files, home_.account(own_.id).journal, own_.id,
        [&](const storage::JournalRecord& record) -> Result<void> {
            if (static_cast<worker::JournalKind>(record.kind) != worker::JournalKind::settings) {
                ++others;
                return {};
            }
            BULLPEN_TRY(found, worker::decode_settings(record.body));
            first = record.sequence;
            return fail(Errc::exhausted, "one is enough");
        });
    if (!found) {
        // What else is wrong with the journal is told by who reads it for good.
        if (looked && others > 0) {
            note_settings(
                "the journal does not have those that were in force: today's are used, and a "
                "difference may come from that");
        }
        return {};
    }
    settings_ = recorded(found->texts);
    // They are the journal's, so it does not matter that the account's file cannot be read.
    facts_.settings_note.clear();
    if (others > 0) {
        note_settings("up to record " + std::to_string(first - 1) +
                      " the journal does not have those that were in force: those of record " +
                      std::to_string(first) +
                      " are used there, and a difference may come from that");
    }
    return {};
}

Result<void> AccountReplay::take_settings(const storage::JournalRecord& record) {
    BULLPEN_TRY(const auto body, worker::decode_settings(record.body));
    auto settings = recorded(body.texts);
    const auto before = worker::recordable(settings_);
    SettingsChange change{record.sequence, facts_.last,
                          config::changes(before, worker::recordable(settings)), 0};
    if (change.keys.empty())
        return {};
    if (body.recovered_from + 1 < record.sequence)
        change.taken_anew = record.sequence - 1 - body.recovered_from;
    facts_.settings_changes.push_back(std::move(change));
    return go_on_with(std::move(settings));
}

}  // namespace bullpen::tools
