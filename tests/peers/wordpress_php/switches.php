<?php
// What many blogs do to their REST API, by a setting of the tests: closed to guests, or without the routes of comments.
add_filter('pre_wp_mail', '__return_true');
$state = get_option('collector_tests_rest', 'on');
if ($state === 'off') {
    add_filter('rest_authentication_errors', function ($error) {
        return $error ?: new WP_Error('rest_not_logged_in', 'Members only.', ['status' => 401]);
    });
}
if ($state === 'no_route') {
    add_filter('rest_endpoints', function ($routes) {
        return array_filter($routes, fn($route) => !str_starts_with($route, '/wp/v2/comments'), ARRAY_FILTER_USE_KEY);
    });
}
