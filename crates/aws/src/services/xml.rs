//! Reading XML answers.

use std::collections::BTreeMap;

use roxmltree::Node;

/// Returns the child with a name, namespaces aside.
pub(super) fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

/// Returns the node at the end of a path of names.
pub(super) fn at<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Option<Node<'a, 'i>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

/// Returns the text at the end of a path of names, without spaces around it; empty where there is none.
pub(super) fn text(node: Node<'_, '_>, path: &[&str]) -> String {
    at(node, path).and_then(|node| node.text()).unwrap_or("").trim().to_owned()
}

/// Returns the text at the end of a path of names, where there is one.
pub(super) fn some_text(node: Node<'_, '_>, path: &[&str]) -> Option<String> {
    Some(text(node, path)).filter(|text| !text.is_empty())
}

/// Returns the elements of the list at the end of a path: `<item>` in EC2, `<member>` in IAM and SNS.
pub(super) fn items<'a, 'i>(node: Node<'a, 'i>, path: &[&str]) -> Vec<Node<'a, 'i>> {
    at(node, path).map(|list| list.children().filter(Node::is_element).collect()).unwrap_or_default()
}

/// Returns the tags of something in EC2.
pub(super) fn tags(node: Node<'_, '_>) -> BTreeMap<String, String> {
    items(node, &["tagSet"]).into_iter().map(|tag| (text(tag, &["key"]), text(tag, &["value"]))).collect()
}
