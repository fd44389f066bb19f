<?php
// One act on the blog: actions.php NAME JSON; prints what came of it as JSON.
error_reporting(E_ERROR | E_PARSE);
[, $act, $json] = $argv;
$told = json_decode($json, true);
$host = substr(getenv('BLOG_ADDRESS'), strlen('http://'));
$_SERVER = array_merge($_SERVER, ['HTTP_HOST' => $host, 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REQUEST_METHOD' => 'GET',
    'REQUEST_URI' => '/', 'REMOTE_ADDR' => '127.0.0.1']);
if ($act === 'install') {
    $database = mysqli_init();
    mysqli_real_connect($database, 'localhost', 'root', '', null, 0, getenv('BLOG_FOLDER') . '/db.sock');
    mysqli_query($database, 'CREATE DATABASE blog CHARACTER SET utf8mb4');
    define('WP_INSTALLING', true);
}
require getenv('BLOG_FOLDER') . '/site/wp-load.php';

function set_permalinks($structure) {
    global $wp_rewrite;
    $wp_rewrite->set_permalink_structure($structure);
    flush_rewrite_rules(false);
}

function add_comment_row($post, $content, $author, $url, $at, $more) {
    $row = array_merge([
        'comment_post_ID' => $post, 'comment_content' => $content, 'comment_author' => $author,
        'comment_author_url' => $url, 'comment_author_email' => 'guest@mail.example', 'comment_author_IP' => '127.0.0.1',
        'comment_agent' => 'tests', 'comment_date_gmt' => $at, 'comment_date' => get_date_from_gmt($at),
        'comment_approved' => 1, 'comment_type' => 'comment', 'comment_parent' => 0, 'user_id' => 0,
    ], $more);
    return wp_insert_comment(wp_filter_comment(wp_slash($row)));
}

$acts = [
    'install' => function ($told) {
        require ABSPATH . 'wp-admin/includes/upgrade.php';
        wp_install($told['name'], 'rick', 'rick@blog.example', true, '', 'tests-password');
        update_option('timezone_string', 'Europe/London');
        update_option('close_comments_for_old_posts', '0');
        set_permalinks($told['structure']);
        return get_bloginfo('version');
    },
    'add_post' => function ($told) {
        $tags = $told['more']['tags'] ?? [];
        unset($told['more']['tags']);
        $row = array_merge(['post_title' => $told['title'], 'post_content' => $told['content'], 'post_author' => 1,
            'post_status' => 'publish', 'comment_status' => 'open', 'post_date' => '2026-11-16 09:00:00'], $told['more']);
        $id = wp_insert_post(wp_slash($row));
        wp_set_post_tags($id, $tags);
        return $id;
    },
    'add_comment' => fn($told) => add_comment_row(...$told),
    'add_comments' => function ($told) {
        $ids = [];
        for ($i = 0; $i < $told['count']; $i++) {
            $at = gmdate('Y-m-d H:i:s', strtotime("{$told['start']} UTC") + 3600 * $i);
            $ids[] = add_comment_row($told['post'], "Number $i.", "Guest $i", '', $at, []);
        }
        return $ids;
    },
    'edit' => fn($told) => wp_update_comment(wp_slash(
        ['comment_ID' => $told['comment'], 'comment_content' => $told['content']]
    )),
    'status' => fn($told) => wp_set_comment_status($told['comment'], $told['status']),
    'delete' => fn($told) => wp_delete_comment($told['comment'], true),
    'change_post' => fn($told) => wp_update_post(wp_slash(['ID' => $told['post']] + $told['changes'])),
    'permalink' => fn($told) => get_permalink($told['post']),
    'option' => fn($told) => update_option($told['name'], $told['value']),
    'permalinks' => fn($told) => set_permalinks($told['structure']),
];
kses_init_filters();
echo json_encode($acts[$act]($told));
