#include "notify/post.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

#include "common/base/errc.hpp"
#include "common/base/secret.hpp"
#include "common/config/rules.hpp"
#include "common/vault/private_file.hpp"
#include "notify/message.hpp"
#include "notify/run.hpp"

namespace bullpen::notify {

namespace {

constexpr std::size_t k_secret_max = 4096;  // bytes
constexpr long k_connect_ms_max = 10'000;
constexpr std::string_view k_farewell = "221";
constexpr long k_smtp_refused = 400;  // replies from here on are a no
constexpr long k_smtp_closing = 421;
constexpr long k_smtp_login = 530;  // to 535: about who asks, not about what

struct FreeEasy {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;
using List = std::unique_ptr<curl_slist, FreeList>;

void append(List& list, const std::string& text) {
    auto* const longer = curl_slist_append(list.get(), text.c_str());
    if (longer == nullptr)
        return;
    (void)list.release();
    list.reset(longer);
}

bool is_local(const std::string& address) {
    for (const auto* prefix : {"smtp://127.0.0.1:", "smtp://localhost:"}) {
        if (address.starts_with(prefix))
            return true;
    }
    return address == "smtp://127.0.0.1" || address == "smtp://localhost";
}

// Nothing, when no file was made; an error, when it is not this user's alone.
Result<Secret> secret_of(const std::string& secrets, Target target) {
    auto read =
        vault::read_private(secret_file(secrets, target), k_secret_max, vault::Keeper::user);
    if (!read && read.error().code() == make_error_code(Errc::not_found))
        return Secret();
    return read;
}

std::string first_line(std::string_view text) {
    while (!text.empty() && (text.front() == '\n' || text.front() == '\r'))
        text.remove_prefix(1);
    return config::made_printable(
        text.substr(0, std::min(text.find_first_of("\r\n"), Post::k_said_max)));
}

}  // namespace

std::string secret_file(const std::string& secrets, Target target) {
    return secrets + "/" + std::string(code(target));
}

// One attempt over the network.
class Post::Transfer {
  public:
    Transfer(const PostSettings& settings, const Delivery& delivery, UtcTime now)
        : number_(delivery.number), target_(delivery.target), handle_(curl_easy_init()) {
        if (handle_ == nullptr) {
            trouble_ = "there is no memory for a transfer";
            return;
        }
        set_common(settings.alerts);
        auto secret = secret_of(settings.secrets, target_);
        if (!secret) {
            trouble_ = secret.error().message();
            return;
        }
        if (target_ == Target::smtp)
            set_mail(settings, delivery, *secret, now);
        else
            set_webhook(settings, delivery, *secret);
    }
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    // libcurl does not wipe what it was given; the header with the token is ours.
    ~Transfer() { wipe(authorization_); }

    [[nodiscard]] CURL* handle() const { return handle_.get(); }
    [[nodiscard]] std::uint64_t number() const { return number_; }
    // Why it cannot even be begun; empty when it can.
    [[nodiscard]] const std::string& trouble() const { return trouble_; }
    [[nodiscard]] Outcome judge(CURLcode code) const {
        return target_ == Target::smtp ? judge_mail(code) : judge_webhook(code);
    }

  private:
    void set_common(const config::HomeAlertSettings& alerts) {
        CURL* const curl = handle_.get();
        const auto deadline = std::chrono::ceil<Millis>(alerts.send_deadline).count();
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!alerts.ca_file.empty())
            curl_easy_setopt(curl, CURLOPT_CAINFO, alerts.ca_file.c_str());
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(deadline));
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                         std::min(static_cast<long>(deadline), k_connect_ms_max));
        curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_.data());
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_body);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
    }

    void set_mail(const PostSettings& settings, const Delivery& delivery, const Secret& secret,
                  UtcTime now) {
        const auto& smtp = settings.alerts.smtp;
        if (smtp.server.empty() || smtp.from.empty()) {
            trouble_ = "alerts.smtp.server and alerts.smtp.from are not both set";
            return;
        }
        CURL* const curl = handle_.get();
        for (const auto& recipient : delivery.recipients)
            append(recipients_, "<" + address_of(recipient) + ">");
        mail_ = mail(delivery, smtp.from, settings.home, now);
        curl_easy_setopt(curl, CURLOPT_URL, smtp.server.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        // Nothing leaves this machine in the clear.
        curl_easy_setopt(
            curl, CURLOPT_USE_SSL,
            static_cast<long>(is_local(smtp.server) ? CURLUSESSL_NONE : CURLUSESSL_ALL));
        curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + smtp.from + ">").c_str());
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients_.get());
        // One that is refused keeps the others from nothing.
        curl_easy_setopt(curl, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
        if (!smtp.login.empty()) {
            std::string word(secret.reveal());
            curl_easy_setopt(curl, CURLOPT_USERNAME, smtp.login.c_str());
            curl_easy_setopt(curl, CURLOPT_PASSWORD, word.c_str());
            wipe(word);
        }
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, &give_mail);
        curl_easy_setopt(curl, CURLOPT_READDATA, this);
    }

    void set_webhook(const PostSettings& settings, const Delivery& delivery, const Secret& secret) {
        if (settings.alerts.webhook.empty()) {
            trouble_ = "alerts.webhook is not set";
            return;
        }
        CURL* const curl = handle_.get();
        append(headers_, "Content-Type: application/json");
        append(headers_, "User-Agent: Bullpen");
        append(headers_, "Idempotency-Key: " + delivery.alert.id);
        append(headers_, "Expect:");
        if (!secret.empty()) {
            authorization_ = "Authorization: Bearer " + std::string(secret.reveal());
            append(headers_, authorization_);
        }
        mail_ = json(delivery.alert, settings.home);
        curl_easy_setopt(curl, CURLOPT_URL, settings.alerts.webhook.c_str());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(mail_.size()));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, mail_.data());
    }

    static std::size_t give_mail(char* to, std::size_t size, std::size_t count, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        const auto part = std::string_view(transfer.mail_).substr(transfer.given_, size * count);
        std::copy(part.begin(), part.end(), to);
        transfer.given_ += part.size();
        return part.size();
    }
    static std::size_t take_body(char* data, std::size_t size, std::size_t count, void* self) {
        auto& said = static_cast<Transfer*>(self)->said_;
        const auto room = Post::k_said_max - std::min(said.size(), Post::k_said_max);
        said.append(data, std::min(room, size * count));
        return size * count;
    }
    // Of a mail server each reply comes this way.
    static std::size_t take_header(char* data, std::size_t size, std::size_t count, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        const auto line = first_line({data, size * count});
        if (transfer.target_ == Target::smtp && !line.starts_with(k_farewell))
            transfer.said_ = line;
        return size * count;
    }

    [[nodiscard]] std::string why(CURLcode code) const {
        return error_.front() != '\0' ? error_.data() : curl_easy_strerror(code);
    }

    [[nodiscard]] Outcome judge_mail(CURLcode code) const {
        const auto status = std::strtol(said_.c_str(), nullptr, 10);
        if (code == CURLE_OK)
            return {number_, true, said_, {}};
        const bool about_us =
            status == k_smtp_closing || (status >= k_smtp_login && status <= k_smtp_login + 5);
        const bool answered = status >= k_smtp_refused && !about_us &&
                              (code == CURLE_SEND_ERROR || code == CURLE_WEIRD_SERVER_REPLY ||
                               code == CURLE_RECV_ERROR);
        return {number_, false, why(code) + (said_.empty() ? "" : ": " + said_),
                answered ? Outbox::Blame::delivery : Outbox::Blame::target};
    }

    [[nodiscard]] Outcome judge_webhook(CURLcode code) const {
        long status = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        const auto body = first_line(said_);
        if (code != CURLE_OK)
            return {number_, false, why(code), Outbox::Blame::target};
        const auto said = "status " + std::to_string(status) + (body.empty() ? "" : ": " + body);
        if (status >= 200 && status < 300)
            return {number_, true, said, {}};
        // These are about the content; any other no is about the place, or who asks.
        const bool content =
            status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
        return {number_, false, said, content ? Outbox::Blame::delivery : Outbox::Blame::target};
    }

    std::uint64_t number_;
    Target target_;
    Easy handle_;
    List recipients_;
    List headers_;
    std::string authorization_;
    std::string mail_;  // or the JSON
    std::size_t given_ = 0;
    std::string said_;
    std::string trouble_;
    std::array<char, CURL_ERROR_SIZE> error_{};
};

struct Post::Parts {
    struct Running {
        std::uint64_t number = 0;
        Run run;
    };

    explicit Parts(const Clock& from) : clock(from) { curl_global_init(CURL_GLOBAL_DEFAULT); }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;
    ~Parts() {
        for (const auto& transfer : transfers)
            curl_multi_remove_handle(multi.get(), transfer->handle());
        transfers.clear();
        multi.reset();
        curl_global_cleanup();
    }

    const Clock& clock;
    PostSettings settings;
    std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
    std::vector<std::unique_ptr<Transfer>> transfers;
    std::optional<Running> run;
    std::vector<Outcome> ended;
};

Post::Post(const Clock& clock) : parts_(std::make_unique<Parts>(clock)) {}
Post::~Post() = default;

void Post::set(PostSettings settings) {
    parts_->settings = std::move(settings);
}

bool Post::idle() const {
    return parts_->transfers.empty() && !parts_->run && parts_->ended.empty();
}

void Post::start(const Delivery& delivery) {
    auto& parts = *parts_;
    const auto& alerts = parts.settings.alerts;
    if (delivery.target == Target::command) {
        const auto input = json(delivery.alert, parts.settings.home) + "\n";
        const auto deadline = parts.clock.mono() + alerts.send_deadline;
        auto run = alerts.command.empty()
                       ? fail(Errc::not_found, "alerts.command is not set")
                       : Run::start(alerts.command, input, parts.settings.root, deadline);
        if (run)
            parts.run.emplace(Parts::Running{delivery.number, std::move(*run)});
        else
            parts.ended.push_back({delivery.number, false, run.error().message(), {}});
        return;
    }
    auto transfer = std::make_unique<Transfer>(parts.settings, delivery, parts.clock.utc());
    const bool added = transfer->trouble().empty() &&
                       curl_multi_add_handle(parts.multi.get(), transfer->handle()) == CURLM_OK;
    if (added)
        parts.transfers.push_back(std::move(transfer));
    else
        parts.ended.push_back({delivery.number,
                               false,
                               transfer->trouble().empty() ? "there is no memory for a transfer"
                                                           : transfer->trouble(),
                               {}});
}

void Post::wait(const std::vector<int>& others, Nanos most) {
    auto& parts = *parts_;
    std::vector<curl_waitfd> watched;
    for (const int fd : others)
        watched.push_back({fd, CURL_WAIT_POLLIN, 0});
    if (parts.run) {
        const auto left = parts.run->run.deadline() - parts.clock.mono();
        most = std::clamp(left, Nanos{0}, most);
        for (const int fd : {parts.run->run.output(), parts.run->run.process()}) {
            if (fd >= 0)
                watched.push_back({fd, CURL_WAIT_POLLIN, 0});
        }
    }
    if (!parts.ended.empty())
        most = Nanos{0};
    const auto millis = std::chrono::ceil<Millis>(std::max(most, Nanos{0})).count();
    // An interrupted wait is a short wait: everything is looked at anyway.
    (void)curl_multi_poll(parts.multi.get(), watched.data(), static_cast<unsigned>(watched.size()),
                          static_cast<int>(millis), nullptr);
}

std::vector<Outcome> Post::take() {
    auto& parts = *parts_;
    int running = 0;
    (void)curl_multi_perform(parts.multi.get(), &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(parts.multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        CURL* const handle = message->easy_handle;
        const auto code = message->data.result;
        const auto found = std::find_if(parts.transfers.begin(), parts.transfers.end(),
                                        [&](const auto& one) { return one->handle() == handle; });
        if (found == parts.transfers.end())
            continue;
        parts.ended.push_back((*found)->judge(code));
        curl_multi_remove_handle(parts.multi.get(), handle);
        parts.transfers.erase(found);
    }
    RunEnd end;
    if (parts.run && parts.run->run.look(parts.clock.mono(), &end)) {
        parts.ended.push_back({parts.run->number, end.well, end.said,
                               end.answered ? Outbox::Blame::delivery : Outbox::Blame::target});
        parts.run.reset();
    }
    return std::exchange(parts.ended, {});
}

}  // namespace bullpen::notify
